package dev.ringzero.images.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A file whose bytes are those of the disk. A piece of a sector at its end is not seen. */
final class RawDisk implements Disk {
  private static final long SECTOR_BYTES = 512;

  private final DiskFile file;
  private final boolean readOnly;
  private final long sizeBytes;

  RawDisk(DiskFile file, boolean readOnly) throws IOException {
    this.file = file;
    this.readOnly = readOnly;
    this.sizeBytes = file.sizeBytes() / SECTOR_BYTES * SECTOR_BYTES;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  @Override
  public void read(long offset, ByteBuffer into) throws IOException {
    file.read(offset, into);
  }

  @Override
  public void write(long offset, ByteBuffer from) throws IOException {
    file.write(offset, from);
  }

  @Override
  public void read(long offset, ByteBuffer[] into) throws IOException {
    if (into.length > 0) {
      file.read(offset, into);
    }
  }

  @Override
  public void write(long offset, ByteBuffer[] from) throws IOException {
    if (from.length > 0) {
      file.write(offset, from);
    }
  }

  @Override
  public void flush() throws IOException {
    file.flush();
  }

  @Override
  public void discard(long offset, long lengthBytes) {
    // A file gives room back by a system call that Java has no name for.
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, boolean mayUnmap) throws IOException {
    file.writeZeroes(offset, lengthBytes);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
