package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.instruction.Instruction;

/**
 * An instruction within a {@link Block}, its operands taken apart. It knows where in its page it
 * lies and no address, so that it serves wherever the page is mapped.
 */
abstract class DecodedInstruction {
  // Narrow fields, so that one fills no more than a line of the cache.

  /** Offset of the instruction in its page. */
  final short offset;

  /** Register of the first operand, where that is one. */
  final byte first;

  /** Register of the second operand, where that is one. */
  final byte second;

  // The memory operand, in 64-bit mode with 64-bit addresses.
  final byte segment;
  private final byte base;
  private final byte index;
  private final byte scale;
  private final long displacement;

  /** The second operand, or the only one, where that is an immediate. */
  final long immediate;

  DecodedInstruction(int offset) {
    this.offset = (short) offset;
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
    this(offset, i, i.immediate);
  }

  DecodedInstruction(int offset, Instruction i, long immediate) {
    boolean relative = i.base == Instruction.RIP;
    this.offset = (short) offset;
    this.first = (byte) register(i, 0);
    this.second = (byte) register(i, 1);
    this.immediate = immediate;
    this.segment = (byte) i.segment;
    this.base = (byte) (relative ? Cpu.CODE_BASE : i.base);
    this.index = (byte) i.index;
    this.scale = (byte) i.scale;
    this.displacement = relative ? i.displacement + offset + i.length : i.displacement;
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
