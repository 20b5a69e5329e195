package dev.ringzero.images.disk.qcow2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The header of an image, checked.
 *
 * @param clusterBits logarithm of the cluster size
 * @param sizeBytes of the disk as the guest sees it
 * @param l1Entries number of entries of the first-level table
 * @param refcountTableClusters size of the table of reference count blocks
 * @param backing what the image is an overlay of
 * @spec QEMU docs/interop/qcow2.txt, "Header" and "Header extensions"
 */
record Header(
    int clusterBits,
    long sizeBytes,
    long l1Offset,
    int l1Entries,
    long refcountTableOffset,
    int refcountTableClusters,
    Optional<Backing> backing) {

  static final int MAGIC = 0x514649FB;
  static final int VERSION = 3;
  static final int BYTES = 112;

  static final int VERSION_AT = 4;
  static final int BACKING_OFFSET = 8;
  static final int BACKING_BYTES = 16;
  static final int CLUSTER_BITS = 20;
  static final int SIZE = 24;
  static final int CRYPT_METHOD = 32;
  static final int L1_ENTRIES = 36;
  static final int L1_OFFSET = 40;
  static final int REFCOUNT_TABLE_OFFSET = 48;
  static final int REFCOUNT_TABLE_CLUSTERS = 56;
  static final int SNAPSHOTS = 60;
  static final int SNAPSHOTS_OFFSET = 64;
  static final int INCOMPATIBLE = 72;
  static final int AUTOCLEAR = 88;
  static final int REFCOUNT_ORDER = 96;
  static final int HEADER_BYTES = 100;

  static final int REFCOUNT_ORDER_16_BITS = 4;
  static final int EXTENSION_END = 0;
  static final int EXTENSION_BACKING_FORMAT = 0xE2792ACA;

  private static final int LEAST_HEADER_BYTES = 104;
  private static final int LEAST_CLUSTER_BITS = 9;
  private static final int MOST_CLUSTER_BITS = 21;
  static final int MOST_L1_ENTRIES = 1 << 22;
  private static final long MOST_REFCOUNT_TABLE_BYTES = 8 << 20;
  static final int MOST_BACKING_NAME_BYTES = 1023;
  private static final long DIRTY = 1 << 0;
  private static final long CORRUPT = 1 << 1;

  /**
   * What an image is an overlay of.
   *
   * @param name as the image says it, relative to the image
   * @param format such as "raw", or empty where the image does not say
   */
  record Backing(String name, String format) {}

  /** Whether a file that begins so is a qcow2 image of any version. */
  static boolean begins(ByteBuffer start) {
    return start.limit() >= 8 && start.getInt(0) == MAGIC;
  }

  /**
   * Reads a header.
   *
   * @param start the first cluster of the file, or what there is of it, big-endian
   */
  static Header parse(ByteBuffer start, boolean readOnly) throws MalformedDiskException {
    check(begins(start), "is no qcow2 image");
    check(start.limit() >= LEAST_HEADER_BYTES, "is too short");
    int version = start.getInt(VERSION_AT);
    check(
        version == VERSION,
        "has version "
            + version
            + " and only 3 can be used; qemu-img amend -o compat=1.1 makes it one");
    checkFeatures(start, readOnly);
    int clusterBits = start.getInt(CLUSTER_BITS);
    check(
        clusterBits >= LEAST_CLUSTER_BITS && clusterBits <= MOST_CLUSTER_BITS,
        "has clusters of an impossible size");
    long cluster = 1L << clusterBits;
    long size = start.getLong(SIZE) & -512;
    long l1Entries = start.getInt(L1_ENTRIES) & 0xFFFF_FFFFL;
    long coveredByL1Entry = cluster * (cluster / 8);
    check(
        size >= 0 && l1Entries <= MOST_L1_ENTRIES && size <= l1Entries * coveredByL1Entry,
        "has a first-level table that does not fit its size");
    long tableClusters = start.getInt(REFCOUNT_TABLE_CLUSTERS) & 0xFFFF_FFFFL;
    check(
        tableClusters > 0
            && tableClusters * cluster <= Math.max(cluster, MOST_REFCOUNT_TABLE_BYTES),
        "has a reference count table of an impossible size");
    int headerBytes = start.getInt(HEADER_BYTES);
    check(headerBytes >= LEAST_HEADER_BYTES && headerBytes <= cluster, "has an odd header");
    return new Header(
        clusterBits,
        size,
        place(start.getLong(L1_OFFSET), cluster),
        (int) l1Entries,
        place(start.getLong(REFCOUNT_TABLE_OFFSET), cluster),
        (int) tableClusters,
        backing(start.limit((int) Math.min(start.limit(), cluster)), headerBytes));
  }

  private static void checkFeatures(ByteBuffer start, boolean readOnly)
      throws MalformedDiskException {
    check(start.getInt(CRYPT_METHOD) == 0, "is encrypted, which is not supported");
    long incompatible = start.getLong(INCOMPATIBLE);
    check(
        (incompatible & ~(DIRTY | CORRUPT)) == 0,
        "uses features that are not supported (external data, zstd or extended tables)");
    check(
        readOnly || incompatible == 0,
        "was left damaged or in the middle of a change; qemu-img check -r all mends it");
    check(
        readOnly || start.getInt(REFCOUNT_ORDER) == REFCOUNT_ORDER_16_BITS,
        "has reference counts of a size that can only be read; append ,ro");
  }

  private static long place(long offset, long cluster) throws MalformedDiskException {
    check(
        offset >= cluster && offset <= Long.MAX_VALUE >> 8 && offset % cluster == 0,
        "has a table at an impossible place");
    return offset;
  }

  private static Optional<Backing> backing(ByteBuffer start, int headerBytes)
      throws MalformedDiskException {
    long offset = start.getLong(BACKING_OFFSET);
    if (offset == 0) {
      return Optional.empty();
    }
    int length = start.getInt(BACKING_BYTES);
    check(
        length > 0
            && length <= MOST_BACKING_NAME_BYTES
            && offset > 0
            && offset <= start.limit() - length,
        "has a backing file name at an impossible place");
    return Optional.of(new Backing(text(start, (int) offset, length), format(start, headerBytes)));
  }

  private static String format(ByteBuffer start, int headerBytes) throws MalformedDiskException {
    int at = headerBytes;
    while (at <= start.limit() - 8 && start.getInt(at) != EXTENSION_END) {
      int length = start.getInt(at + 4);
      check(length >= 0 && length <= start.limit() - at - 8, "has a header extension too long");
      if (start.getInt(at) == EXTENSION_BACKING_FORMAT) {
        return text(start, at + 8, length);
      }
      at += 8 + (length + 7 & ~7);
    }
    return "";
  }

  private static String text(ByteBuffer from, int offset, int length) {
    byte[] bytes = new byte[length];
    from.get(offset, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void check(boolean holds, String complaint) throws MalformedDiskException {
    if (!holds) {
      throw new MalformedDiskException(complaint);
    }
  }

  long clusterBytes() {
    return 1L << clusterBits;
  }
}
