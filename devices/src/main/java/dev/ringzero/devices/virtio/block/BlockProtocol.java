package dev.ringzero.devices.virtio.block;

/**
 * Features, requests and configuration space of the block device.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Block Device"
 */
final class BlockProtocol {
  static final int SECTOR_BYTES = 512;

  static final long VIRTIO_BLK_F_SEG_MAX = 1L << 2;
  static final long VIRTIO_BLK_F_RO = 1L << 5;
  static final long VIRTIO_BLK_F_BLK_SIZE = 1L << 6;
  static final long VIRTIO_BLK_F_FLUSH = 1L << 9;
  static final long VIRTIO_BLK_F_TOPOLOGY = 1L << 10;
  static final long VIRTIO_BLK_F_CONFIG_WCE = 1L << 11;
  static final long VIRTIO_BLK_F_MQ = 1L << 12;
  static final long VIRTIO_BLK_F_DISCARD = 1L << 13;
  static final long VIRTIO_BLK_F_WRITE_ZEROES = 1L << 14;

  // Configuration space.
  static final int CAPACITY = 0; // in sectors
  static final int SEG_MAX = 12;
  static final int BLK_SIZE = 20;
  static final int PHYSICAL_BLOCK_EXP = 24; // logical blocks a physical one, as a power of two
  static final int ALIGNMENT_OFFSET = 25;
  static final int MIN_IO_SIZE = 26; // in logical blocks
  static final int OPT_IO_SIZE = 28; // in logical blocks
  static final int WRITEBACK = 32;
  static final int NUM_QUEUES = 34;
  static final int MAX_DISCARD_SECTORS = 36;
  static final int MAX_DISCARD_SEG = 40;
  static final int DISCARD_SECTOR_ALIGNMENT = 44;
  static final int MAX_WRITE_ZEROES_SECTORS = 48;
  static final int MAX_WRITE_ZEROES_SEG = 52;
  static final int WRITE_ZEROES_MAY_UNMAP = 56;
  static final int CONFIG_BYTES = 60;

  // The header of a request: type (4), reserved (4), sector (8).
  static final int HEADER_BYTES = 16;
  static final int SECTOR = 8;

  static final int VIRTIO_BLK_T_IN = 0;
  static final int VIRTIO_BLK_T_OUT = 1;
  static final int VIRTIO_BLK_T_FLUSH = 4;
  static final int VIRTIO_BLK_T_GET_ID = 8;
  static final int VIRTIO_BLK_T_DISCARD = 11;
  static final int VIRTIO_BLK_T_WRITE_ZEROES = 13;

  static final int VIRTIO_BLK_S_OK = 0;
  static final int VIRTIO_BLK_S_IOERR = 1;
  static final int VIRTIO_BLK_S_UNSUPP = 2;

  static final int ID_BYTES = 20;

  // A segment of a discard or write zeroes request: sector (8), sectors (4), flags (4).
  static final int SEGMENT_BYTES = 16;
  static final int SEGMENT_SECTORS = 8;
  static final int SEGMENT_FLAGS = 12;
  static final int UNMAP = 1;
  static final int MOST_SEGMENTS = 32;
  static final long MOST_DISCARD_SECTORS = 1 << 22;
  static final long MOST_ZERO_SECTORS = 1 << 16;

  private BlockProtocol() {}
}
