package dev.ringzero.devices.virtio.queue;

/**
 * A descriptor in memory; both ring layouts and indirect tables have the same size and flags.
 *
 * <pre>
 * split   0: address (8)  8: length (4)  12: flags (2)   14: next (2)
 * packed  0: address (8)  8: length (4)  12: buffer (2)  14: flags (2)
 * </pre>
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "The Virtqueue Descriptor Table" and "Packed Virtqueues"
 */
final class Descriptors {
  static final int BYTES = 16;

  static final int ADDRESS = 0;
  static final int LENGTH = 8;
  static final int SPLIT_FLAGS = 12;
  static final int SPLIT_NEXT = 14;
  static final int PACKED_ID = 12;
  static final int PACKED_FLAGS = 14;

  static final int NEXT = 1 << 0; // VIRTQ_DESC_F_NEXT
  static final int WRITE = 1 << 1; // VIRTQ_DESC_F_WRITE
  static final int INDIRECT = 1 << 2; // VIRTQ_DESC_F_INDIRECT
  static final int AVAIL = 1 << 7; // VIRTQ_DESC_F_AVAIL, packed only
  static final int USED = 1 << 15; // VIRTQ_DESC_F_USED, packed only

  private Descriptors() {}
}
