package dev.ringzero.images.disk.qcow2;

/**
 * Entries of the first- and second-level tables.
 *
 * @spec QEMU docs/interop/qcow2.txt, "Cluster mapping"
 */
final class ClusterEntry {
  /** The cluster is used once only, so that it can be written where it is. */
  static final long COPIED = 1L << 63;

  static final long COMPRESSED = 1L << 62;

  /** Of the second level: the cluster reads as zeros. */
  static final long ZERO = 1;

  static final long OFFSET = 0x00FF_FFFF_FFFF_FE00L;

  private static final int SECTOR_BYTES = 512;

  private ClusterEntry() {}

  static long offset(long entry) {
    return entry & OFFSET;
  }

  static boolean isCompressed(long entry) {
    return (entry & COMPRESSED) != 0;
  }

  static boolean isZero(long entry) {
    return (entry & (COMPRESSED | ZERO)) == ZERO;
  }

  /** Whether the guest's bytes are in a cluster that may be written in place. */
  static boolean isWritable(long entry) {
    return (entry & (COPIED | COMPRESSED | ZERO)) == COPIED && offset(entry) != 0;
  }

  private static int sectorCountShift(int clusterBits) {
    return 62 - (clusterBits - 8);
  }

  /** Where the bytes of a compressed cluster begin. */
  static long compressedOffset(long entry, int clusterBits) {
    return entry & (1L << sectorCountShift(clusterBits)) - 1;
  }

  /** At most how many bytes a compressed cluster has. */
  static int compressedBytes(long entry, int clusterBits) {
    long sectors = (entry & COMPRESSED - 1) >>> sectorCountShift(clusterBits);
    long start = compressedOffset(entry, clusterBits) % SECTOR_BYTES;
    return (int) ((sectors + 1) * SECTOR_BYTES - start);
  }
}
