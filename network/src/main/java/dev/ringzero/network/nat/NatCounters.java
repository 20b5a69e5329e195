package dev.ringzero.network.nat;

import java.util.concurrent.atomic.AtomicLongArray;

/** The counters of one NAT. Any thread may read. */
public final class NatCounters {
  private final AtomicLongArray values = new AtomicLongArray(NatCounter.values().length);

  NatCounters() {}

  void count(NatCounter counter) {
    values.getAndIncrement(counter.ordinal());
  }

  public long get(NatCounter counter) {
    return values.get(counter.ordinal());
  }
}
