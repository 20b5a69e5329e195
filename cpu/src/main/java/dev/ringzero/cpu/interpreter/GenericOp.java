package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.Instruction;

/** Any instruction that does not branch, by its meaning. */
final class GenericOp extends Op {
  final Instruction instruction;
  private final Semantics semantics;

  GenericOp(int offset, Instruction instruction, Semantics semantics) {
    super(offset);
    this.instruction = instruction;
    this.semantics = semantics;
  }

  @Override
  void execute(Cpu cpu) {
    execute(cpu, offset, instruction, semantics);
  }

  static void execute(Cpu cpu, int offset, Instruction instruction, Semantics semantics) {
    cpu.rip = cpu.codeAddress(offset);
    cpu.nextRip = cpu.codeAddress(offset + instruction.length);
    cpu.gpr[Instruction.RIP] = cpu.nextRip;
    semantics.execute(cpu, instruction);
  }
}
