package dev.ringzero.devices.iommu;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Lets an invalidation wait for the accesses that began before it, while new ones go on: each
 * access counts itself under the number of the period in which it began, of which there are two.
 */
final class AccessGate {
  private final AtomicIntegerArray under = new AtomicIntegerArray(2);
  private volatile int period;

  int begin() {
    while (true) {
      int now = period;
      under.incrementAndGet(now);
      if (now == period) {
        return now;
      }
      under.decrementAndGet(now);
    }
  }

  void end(int began) {
    under.decrementAndGet(began);
  }

  /** Waits for all that began before. One thread at a time. */
  void await() throws InterruptedException {
    int before = period;
    period = 1 - before;
    while (under.get(before) != 0) {
      Thread.sleep(0, 50_000);
    }
  }
}
