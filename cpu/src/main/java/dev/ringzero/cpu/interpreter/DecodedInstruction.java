package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.instruction.Instruction;

/**
 * An instruction within a {@link Block}, its operands taken apart. It knows where in its page it lies
 * and no address, so that it serves wherever the page is mapped.
 */
abstract class DecodedInstruction {
  /** Offset of the instruction in its page. */
  final int offset;

  /** Register of the first operand, where that is one. */
  final int first;

  /** Register of the second operand, where that is one. */
  final int second;

  final long immediate;

  // The memory operand, in 64-bit mode with 64-bit addresses.
  final int segment;
  private final int base;
  private final int index;
  private final int scale;
  private final long displacement;

  DecodedInstruction(int offset) {
    this.offset = offset;
    this.first = Instruction.NONE;
    this.second = Instruction.NONE;
    this.immediate = 0;
    this.segment = Cpu.DS;
    this.base = Instruction.NONE;
    this.index = Instruction.NONE;
    this.scale = 0;
    this.displacement = 0;
  }

  DecodedInstruction(int offset, Instruction i) {
    this.offset = offset;
    this.first = register(i, 0);
    this.second = register(i, 1);
    this.immediate = i.immediate;
    this.segment = i.segment;
    this.index = i.index;
    this.scale = i.scale;
    if (i.base == Instruction.RIP) {
      this.base = Cpu.CODE_BASE;
      this.displacement = i.displacement + offset + i.length;
    } else {
      this.base = i.base;
      this.displacement = i.displacement;
    }
  }

  private static int register(Instruction i, int place) {
    return place < i.form.operands.length && Shape.inRegister(i, place)
        ? Operands.register(i, place)
        : Instruction.NONE;
  }

  /** Offset of the memory operand in its segment. */
  final long address(Cpu cpu) {
    long[] gpr = cpu.gpr;
    return gpr[base] + (gpr[index] << scale) + displacement;
  }

  /** Linear address of the memory operand, not checked. */
  final long linear(Cpu cpu, boolean segmented) {
    return segmented ? address(cpu) + cpu.segmentBase[segment] : address(cpu);
  }
}
