package dev.ringzero.engine;

import dev.ringzero.x86.ExitReason;

/**
 * Exits of one vCPU by reason, with the time the monitor or a device took for them. Written by the
 * vCPU's thread, read by any: figures may be a moment old, never torn.
 */
public final class ExitCounters {
  private final long[] count = new long[ExitReason.values().length];
  private final long[] nanos = new long[ExitReason.values().length];

  public void add(ExitReason reason, long nanosTaken) {
    count[reason.ordinal()]++;
    nanos[reason.ordinal()] += nanosTaken;
  }

  public long count(ExitReason reason) {
    return count[reason.ordinal()];
  }

  public long nanos(ExitReason reason) {
    return nanos[reason.ordinal()];
  }
}
