package dev.ringzero.devices.virtio.balloon;

/**
 * Features and configuration space of the balloon.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Traditional Memory Balloon Device"
 */
final class BalloonProtocol {
  static final long VIRTIO_BALLOON_F_STATS_VQ = 1L << 1;
  static final long VIRTIO_BALLOON_F_DEFLATE_ON_OOM = 1L << 2;
  static final long VIRTIO_BALLOON_F_PAGE_REPORTING = 1L << 5;

  // Configuration space.
  static final int NUM_PAGES = 0;
  static final int ACTUAL = 4;
  static final int CONFIG_BYTES = 8;

  /** Pages are of this size, whatever the guest's are. */
  static final int PAGE_SHIFT = 12;

  static final int PAGE_NUMBER_BYTES = 4;
  static final int MOST_PAGE_NUMBER_BYTES = 1 << 16;

  // An entry of the statistics: tag (2), value (8).
  static final int STATISTIC_BYTES = 10;
  static final int STATISTIC_VALUE = 2;
  static final int MOST_STATISTICS = 64;

  private BalloonProtocol() {}
}
