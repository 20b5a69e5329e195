package dev.ringzero.engine;

import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.instruction.Instruction;

/** Sees what a vCPU does, on the vCPU's thread. */
public interface Tracer {
  /** Whether {@link #instruction} is wanted: it makes the engine run one at a time. */
  boolean wantsInstructions();

  /**
   * An instruction is about to run.
   *
   * @param gva linear address of the instruction
   */
  void instruction(VirtualCpu cpu, long gva, Instruction instruction);

  /**
   * An exception or interrupt is about to be delivered to the guest.
   *
   * @param external whether it came from an interrupt controller
   * @param errorCode the error code, or 0
   */
  void event(VirtualCpu cpu, int vector, boolean external, int errorCode);

  /** A VM exit happened, or a port or MMIO access that completed inside {@code run()}. */
  void exit(VirtualCpu cpu, ExitReason reason, long qualification, long gpa);

  /**
   * A guest of the guest left for it. The vCPU's state is still that of the inner guest.
   *
   * @param what the reason, in words
   * @param instruction at its RIP; null where none could be read
   */
  default void innerExit(VirtualCpu cpu, String what, Instruction instruction) {}
}
