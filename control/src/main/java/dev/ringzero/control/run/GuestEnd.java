package dev.ringzero.control.run;

/**
 * How a run ended.
 *
 * @param detail one line for people; empty where the cause says all
 */
public record GuestEnd(Cause cause, String detail) {
  /** What ended it. */
  public enum Cause {
    POWER_OFF,
    RESET,
    PANIC,
    TRIPLE_FAULT,
    STOPPED,
    TIMEOUT,
    FAILED
  }
}
