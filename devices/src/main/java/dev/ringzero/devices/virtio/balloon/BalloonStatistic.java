package dev.ringzero.devices.virtio.balloon;

/**
 * What a guest tells of its memory; the order is that of the tags.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Memory Statistics Tags"
 */
public enum BalloonStatistic {
  SWAP_IN("swapInBytes"),
  SWAP_OUT("swapOutBytes"),
  MAJOR_FAULTS("majorFaults"),
  MINOR_FAULTS("minorFaults"),
  FREE("freeBytes"),
  TOTAL("totalBytes"),
  AVAILABLE("availableBytes"),
  CACHES("cacheBytes"),
  HUGE_PAGE_ALLOCATIONS("hugePageAllocations"),
  HUGE_PAGE_FAILURES("hugePageFailures");

  private static final BalloonStatistic[] BY_TAG = values();

  private final String key;

  BalloonStatistic(String key) {
    this.key = key;
  }

  /** Its name in JSON. */
  public String key() {
    return key;
  }

  /** The statistic with a tag, or null. */
  static BalloonStatistic of(int tag) {
    return tag < BY_TAG.length ? BY_TAG[tag] : null;
  }
}
