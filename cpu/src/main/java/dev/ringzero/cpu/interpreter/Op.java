package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.instruction.Instruction;

/** An instruction of a {@link Block} that goes on to the next one. */
abstract class Op extends DecodedInstruction {
  Op(int offset) {
    super(offset);
  }

  Op(int offset, Instruction instruction) {
    super(offset, instruction);
  }

  Op(int offset, Instruction instruction, long immediate) {
    super(offset, instruction, immediate);
  }

  abstract void execute(Cpu cpu);
}
