package dev.ringzero.images.disk.qcow2;

import dev.ringzero.images.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * A table that is held in memory as a whole: the first level, or that of reference count blocks.
 */
final class TopTable {
  private static final int ENTRY_BYTES = 8;

  private final DiskFile file;
  private final long offset;
  private final long[] entries;
  private final BitSet dirty = new BitSet();

  TopTable(DiskFile file, long offset, int count) throws IOException {
    this.file = file;
    this.offset = offset;
    ByteBuffer bytes = ByteBuffer.allocate(count * ENTRY_BYTES);
    file.read(offset, bytes);
    entries = new long[count];
    bytes.flip().asLongBuffer().get(entries);
  }

  int count() {
    return entries.length;
  }

  long bytes() {
    return (long) entries.length * ENTRY_BYTES;
  }

  long get(int index) {
    return entries[index];
  }

  void set(int index, long entry) {
    entries[index] = entry;
    dirty.set(index);
  }

  boolean isDirty() {
    return !dirty.isEmpty();
  }

  void write() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(ENTRY_BYTES);
    for (int i = dirty.nextSetBit(0); i >= 0; i = dirty.nextSetBit(i + 1)) {
      file.write(offset + (long) i * ENTRY_BYTES, bytes.clear().putLong(0, entries[i]));
      dirty.clear(i);
    }
  }
}
