package dev.ringzero.vmm.machine;

import dev.ringzero.memory.OutOfFramesException;

/**
 * How a machine ended.
 *
 * @param cause what ended it
 * @param detail one line for people; empty where the cause says all
 * @param status what the guest says of itself where the cause is {@link Cause#EXITED}
 */
public record MachineEnd(Cause cause, String detail, int status) {
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
    /** The guest ended it with a status. */
    EXITED,
    /** The guest asked for machine memory when none was left. */
    OUT_OF_MEMORY,
    /** The host could not go on: its failure, or a defect of the monitor. */
    FAILED
  }

  /** The end of a guest for which no machine memory is left. */
  static MachineEnd outOfMemory() {
    return new MachineEnd(Cause.OUT_OF_MEMORY, new OutOfFramesException().getMessage());
  }

  /** An end at which the guest says nothing of itself. */
  public MachineEnd(Cause cause, String detail) {
    this(cause, detail, 0);
  }
}
