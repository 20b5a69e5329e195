package dev.ringzero.cpu.level;

import dev.ringzero.engine.InnerExits;

/** Counts what a {@link Level} does. Reasons are numbered from 0. */
public final class LevelExits implements InnerExits {
  private static final int NONE_YET = -1;

  private final String[] names;
  private final long[] counts;
  private final long[] nanos;
  private long entries;
  private int last = NONE_YET;
  private long lastNanos;

  /** Counters of reasons with these names. */
  public LevelExits(String[] names) {
    this.names = names.clone();
    counts = new long[names.length];
    nanos = new long[names.length];
  }

  /** An inner guest is entered. */
  public void entered(long nanoTime) {
    entries++;
    if (last != NONE_YET) {
      nanos[last] += nanoTime - lastNanos;
    }
  }

  /** It has left. */
  public void left(int reason, long nanoTime) {
    counts[reason]++;
    last = reason;
    lastNanos = nanoTime;
  }

  @Override
  public long entries() {
    return entries;
  }

  @Override
  public void forEach(Visitor visitor) {
    for (int reason = 0; reason < names.length; reason++) {
      if (counts[reason] != 0) {
        visitor.exits(names[reason], counts[reason], nanos[reason]);
      }
    }
  }
}
