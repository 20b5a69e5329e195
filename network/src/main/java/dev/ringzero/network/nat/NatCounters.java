package dev.ringzero.network.nat;

import java.util.concurrent.atomic.AtomicLongArray;

/** The counters of one NAT. Any thread may read. */
public final class NatCounters {
  private final AtomicLongArray values = new AtomicLongArray(NatCounter.values().length);

  NatCounters() {}

  void count(NatCounter counter) {
    values.getAndIncrement(counter.ordinal());
  }

  /** Counts a fault of our own, and tells of the first. */
  void fault(RuntimeException e) {
    if (values.getAndIncrement(NatCounter.FAULTS.ordinal()) == 0) {
      System.getLogger(NatCounters.class.getName())
          .log(System.Logger.Level.ERROR, "a fault in the NAT, of which one connection dies", e);
    }
  }

  public long get(NatCounter counter) {
    return values.get(counter.ordinal());
  }
}
