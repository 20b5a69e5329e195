package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/** Operands in the few shapes that system instructions have. */
public final class SystemOperands {
  private SystemOperands() {}

  /** A 16-bit operand, register or memory. */
  public static int readSelector(Cpu cpu, Instruction i) {
    long value = i.hasMemory() ? cpu.mmu.read16(Operands.linear(cpu, i, 2, false)) : cpu.gpr[i.rm];
    return (int) value & 0xFFFF;
  }

  /** Stores 16 bits to memory, or to a register as wide as the operand size. */
  public static void writeSelector(Cpu cpu, Instruction i, long value) {
    if (i.hasMemory()) {
      cpu.mmu.write16(Operands.linear(cpu, i, 2, true), value & 0xFFFF);
    } else {
      writeRegister(cpu, i.rm, i.operandSize, value);
    }
  }

  /** Writes a register by the rules of its width in bits: 16 keeps the rest, 32 clears it. */
  static void writeRegister(Cpu cpu, int register, int width, long value) {
    cpu.gpr[register] =
        switch (width) {
          case 64 -> value;
          case 32 -> value & 0xFFFF_FFFFL;
          default -> cpu.gpr[register] & ~0xFFFFL | value & 0xFFFF;
        };
  }

  static long readMemory(Cpu cpu, Instruction i, int sizeBytes) {
    return read(cpu, Operands.linear(cpu, i, sizeBytes, false), sizeBytes);
  }

  static long read(Cpu cpu, long linear, int sizeBytes) {
    return switch (sizeBytes) {
      case 1 -> cpu.mmu.read8(linear);
      case 2 -> cpu.mmu.read16(linear);
      case 4 -> cpu.mmu.read32(linear);
      default -> cpu.mmu.read64(linear);
    };
  }

  static void write(Cpu cpu, long linear, int sizeBytes, long value) {
    switch (sizeBytes) {
      case 1 -> cpu.mmu.write8(linear, value);
      case 2 -> cpu.mmu.write16(linear, value);
      case 4 -> cpu.mmu.write32(linear, value);
      default -> cpu.mmu.write64(linear, value);
    }
  }

  public static long truncate(long value, int bits) {
    return switch (bits) {
      case 64 -> value;
      case 32 -> value & 0xFFFF_FFFFL;
      default -> value & 0xFFFF;
    };
  }

  /** The segment register that an operand names, fixed or by ModRM.reg. */
  static int segment(Instruction i, Operand operand) {
    return operand.place() == Operand.Place.FIXED_SEGMENT ? operand.register() : i.reg;
  }

  /** EDX:EAX. */
  public static long readPair(Cpu cpu) {
    return cpu.gpr[Cpu.RDX] << 32 | cpu.gpr[Cpu.RAX] & 0xFFFF_FFFFL;
  }

  /** Sets EDX:EAX, both zero-extended. */
  public static void writePair(Cpu cpu, long value) {
    cpu.gpr[Cpu.RAX] = value & 0xFFFF_FFFFL;
    cpu.gpr[Cpu.RDX] = value >>> 32;
  }
}
