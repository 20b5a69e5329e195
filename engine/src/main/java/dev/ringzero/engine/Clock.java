package dev.ringzero.engine;

import java.time.Instant;

/**
 * The one source of time for CPUs, timers and devices. It runs while the VM runs and stands still
 * while it is paused; in a deterministic run it counts instructions.
 */
public interface Clock {
  /** Nanoseconds since the VM started, never decreasing. */
  long nanoTime();

  /** Wall-clock time as the guest's real-time clock shows it. */
  Instant wallTime();

  /** Time-stamp counter ticks since the VM started, at {@link #tscHertz()}. */
  long tsc();

  /** Ticks per second of the time-stamp counter. */
  long tscHertz();

  /**
   * Runs {@code action} once, at or soon after {@code deadlineNanos} of this clock, on a thread of
   * the machine's choosing. The action must be short and must not block.
   */
  Alarm schedule(long deadlineNanos, Runnable action);

  /** A scheduled action. */
  interface Alarm {
    /** Takes the alarm back; nothing happens if it already ran. */
    void cancel();
  }
}
