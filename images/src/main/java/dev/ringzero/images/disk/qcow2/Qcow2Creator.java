package dev.ringzero.images.disk.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Writes an empty image: header, one cluster of the reference count table, one block of counts, and
 * the first-level table.
 */
public final class Qcow2Creator {
  private static final int CLUSTER_BITS = 16;
  private static final int CLUSTER_BYTES = 1 << CLUSTER_BITS;
  private static final long COVERED_BY_L1_ENTRY = (long) CLUSTER_BYTES * (CLUSTER_BYTES / 8);
  private static final long MOST_BYTES = 8L << 40;
  private static final int REFCOUNT_TABLE = 1;
  private static final int REFCOUNT_BLOCK = 2;
  private static final int L1 = 3;

  private Qcow2Creator() {}

  /** What the new image is an overlay of. */
  public record Base(String name, String format) {}

  /** Writes an image to an empty file. */
  public static void write(FileChannel channel, long sizeBytes, Optional<Base> base)
      throws IOException {
    if (sizeBytes > MOST_BYTES) {
      throw new IOException("a qcow2 image holds at most 8 TiB");
    }
    int l1Entries = (int) ((sizeBytes + COVERED_BY_L1_ENTRY - 1) / COVERED_BY_L1_ENTRY);
    int l1Clusters = (l1Entries * Long.BYTES + CLUSTER_BYTES - 1) / CLUSTER_BYTES;
    int clusters = L1 + l1Clusters;
    ByteBuffer image = ByteBuffer.allocate(clusters * CLUSTER_BYTES);
    writeHeader(image, sizeBytes, l1Entries, base);
    image.putLong(REFCOUNT_TABLE * CLUSTER_BYTES, (long) REFCOUNT_BLOCK * CLUSTER_BYTES);
    for (int i = 0; i < clusters; i++) {
      image.putShort(REFCOUNT_BLOCK * CLUSTER_BYTES + 2 * i, (short) 1);
    }
    while (image.hasRemaining()) {
      channel.write(image, image.position());
    }
  }

  private static void writeHeader(
      ByteBuffer image, long sizeBytes, int l1Entries, Optional<Base> base) throws IOException {
    image.putInt(0, Header.MAGIC);
    image.putInt(Header.VERSION_AT, Header.VERSION);
    image.putInt(Header.CLUSTER_BITS, CLUSTER_BITS);
    image.putLong(Header.SIZE, sizeBytes);
    image.putInt(Header.L1_ENTRIES, l1Entries);
    image.putLong(Header.L1_OFFSET, (long) L1 * CLUSTER_BYTES);
    image.putLong(Header.REFCOUNT_TABLE_OFFSET, (long) REFCOUNT_TABLE * CLUSTER_BYTES);
    image.putInt(Header.REFCOUNT_TABLE_CLUSTERS, 1);
    image.putInt(Header.REFCOUNT_ORDER, Header.REFCOUNT_ORDER_16_BITS);
    image.putInt(Header.HEADER_BYTES, Header.BYTES);
    if (base.isPresent()) {
      writeBase(image, base.get());
    }
  }

  private static void writeBase(ByteBuffer image, Base base) throws IOException {
    byte[] format = base.format().getBytes(StandardCharsets.UTF_8);
    byte[] name = base.name().getBytes(StandardCharsets.UTF_8);
    if (name.length > Header.MOST_BACKING_NAME_BYTES) {
      throw new IOException("the name of the backing file is too long");
    }
    int at = Header.BYTES;
    image.putInt(at, Header.EXTENSION_BACKING_FORMAT);
    image.putInt(at + 4, format.length);
    image.put(at + 8, format);
    int nameAt = at + 8 + (format.length + 7 & ~7) + 8;
    image.put(nameAt, name);
    image.putLong(Header.BACKING_OFFSET, nameAt);
    image.putInt(Header.BACKING_BYTES, name.length);
  }
}
