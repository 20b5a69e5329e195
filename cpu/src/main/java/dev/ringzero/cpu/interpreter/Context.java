package dev.ringzero.cpu.interpreter;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A number that stands for one processor in one state: what its translations for execution are, its
 * privilege level and code size. What was found under this number holds as long as it is the same.
 */
final class Context {
  private static final AtomicLong NEXT = new AtomicLong();
  private static final int STATES = 16;

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

  /** Takes over the processor's privilege level and code size. */
  void select(int cpl, int codeSize) {
    number = first | codeSize >> 5 << 2 | cpl;
  }
}
