package dev.ringzero.cpu.level;

import dev.ringzero.cpu.Cpu;

/**
 * Counts a guest's PAUSE instructions, so that its monitor learns of loops that wait. Translated
 * code counts {@link Cpu#pausesLeft} down and comes here when it is below zero; whether pauses were
 * close to each other is judged by their mean distance since.
 */
public final class PauseLoops {
  private static final int NEVER = Integer.MAX_VALUE;

  private final Cpu cpu;
  private int count;
  private long closest;
  private long start;

  /** The next PAUSE may be the first of a loop, whose distances are to be judged. */
  private boolean fresh;

  /** Pauses of the loop so far. */
  private long seen;

  public PauseLoops(Cpu cpu) {
    this.cpu = cpu;
  }

  /** Nobody asks for pauses. */
  public void ignore() {
    watch(NEVER, 0);
  }

  /**
   * Asks for them.
   *
   * @param pauses how many go by before one is looked at; not 0 if their distance matters
   * @param distance the most ticks of the time-stamp counter between two pauses of one loop; 0 for
   *     any
   */
  public void watch(int pauses, long distance) {
    count = pauses;
    closest = distance;
    startOver();
  }

  private void startOver() {
    fresh = count != NEVER && closest != 0;
    cpu.pausesLeft = fresh ? 0 : count;
  }

  /** A PAUSE is about to run; whether it is to be looked at, with all before it in one loop. */
  public boolean counted() {
    if (cpu.pausesLeft >= 0 && --cpu.pausesLeft >= 0) {
      return false;
    }
    if (fresh) {
      fresh = false;
      start = cpu.clock.tsc();
      seen = 1;
      cpu.pausesLeft = count - 1;
      return false;
    }
    seen += count;
    if (closest != 0 && elapsed() > closest * (seen - 1)) {
      startOver();
      return false;
    }
    cpu.pausesLeft = count;
    return true;
  }

  /** Ticks since the loop was first seen. */
  public long elapsed() {
    return cpu.clock.tsc() - start;
  }
}
