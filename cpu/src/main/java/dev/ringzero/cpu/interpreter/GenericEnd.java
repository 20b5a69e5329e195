package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;

/** Any instruction that ends a block, by its meaning. */
final class GenericEnd extends BlockEnd {
  final Instruction instruction;
  private final Semantics semantics;

  GenericEnd(int offset, Instruction instruction, Semantics semantics) {
    super(offset, !nearBranch(instruction));
    this.instruction = instruction;
    this.semantics = semantics;
  }

  private static boolean nearBranch(Instruction i) {
    return i.form.is(Attribute.USER) && !i.form.is(Attribute.ENDS_BLOCK);
  }

  @Override
  Block execute(Cpu cpu) {
    GenericOp.execute(cpu, offset, instruction, semantics);
    cpu.rip = cpu.nextRip;
    return null;
  }
}
