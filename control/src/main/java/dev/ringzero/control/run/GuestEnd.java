package dev.ringzero.control.run;

/**
 * How a run ended.
 *
 * @param detail one line for people; empty where the cause says all
 * @param status what the guest says of itself where the cause is {@link Cause#EXITED}
 */
public record GuestEnd(Cause cause, String detail, int status) {
  /** What ended it. */
  public enum Cause {
    POWER_OFF,
    RESET,
    PANIC,
    TRIPLE_FAULT,
    STOPPED,
    TIMEOUT,
    EXITED,
    OUT_OF_MEMORY,
    FAILED
  }
}
