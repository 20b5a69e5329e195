package dev.ringzero.vmm.machine;

/**
 * How a machine ended.
 *
 * @param cause what ended it
 * @param detail one line for people; empty where the cause says all
 */
public record MachineEnd(Cause cause, String detail) {
  /** What ends a machine. */
  public enum Cause {
    /** The guest powered off. */
    POWER_OFF,
    /** The guest asked for a reset. */
    RESET,
    /** A fault while delivering a double fault. */
    TRIPLE_FAULT,
    /** The user stopped it. */
    STOPPED,
    /** The host could not go on: out of machine memory, or a defect of the monitor. */
    FAILED
  }
}
