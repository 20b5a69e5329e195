package dev.ringzero.vmm.machine;

/** Whether requests of a kind had to wait for the host's storage lately. */
final class Pace {
  /** Longer than handing a request to another thread and back takes. */
  private static final long SLOW_NANOS = 100_000;

  private static final int WEIGHT_SHIFT = 3;

  private volatile long meanNanos;

  void took(long nanos) {
    long mean = meanNanos;
    meanNanos = mean + (nanos - mean >> WEIGHT_SHIFT);
  }

  boolean isSlow() {
    return meanNanos > SLOW_NANOS;
  }
}
