package dev.ringzero.cpu;

import dev.ringzero.cpu.system.Segmentation;
import dev.ringzero.x86.instruction.Instruction;

/** How a {@link Semantics} reaches the operands of its instruction. */
public final class Operands {
  private Operands() {}

  /** Linear address of the memory operand, checked for an access of this size. */
  public static long linear(Cpu cpu, Instruction i, int sizeBytes, boolean write) {
    return Segmentation.linear(cpu, i.segment, cpu.offset(i), sizeBytes, write);
  }
}
