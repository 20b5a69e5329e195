package dev.ringzero.cpu.interpreter;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A number that stands for one processor in one state: its address space and what its translations
 * for execution are, its privilege level and code size. What was found under this number holds as
 * long as it is the same, and again when it is the same again.
 */
final class Context {
  private static final AtomicLong NEXT = new AtomicLong();
  private static final int SPACE_SHIFT = 4;
  private static final int STATES = 4096 << SPACE_SHIFT;

  private long first;
  private long number;

  /** The number now. */
  long number() {
    return number;
  }

  /** Translations have changed: no number so far will come back. */
  void renew() {
    first = NEXT.addAndGet(STATES);
  }

  /**
   * Takes over the processor's privilege level and code size.
   *
   * @param space number below 4096 of the address space
   */
  void select(long space, int cpl, int codeSize) {
    number = first | space << SPACE_SHIFT | codeSize >> 5 << 2 | cpl;
  }
}
