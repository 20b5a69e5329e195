package dev.ringzero.cpu;

import dev.ringzero.cpu.system.Segmentation;
import dev.ringzero.x86.Width;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/** How a {@link Semantics} reaches the general operands of its instruction. Widths are in bits. */
public final class Operands {
  private Operands() {}

  /** Linear address of the memory operand, checked for an access of this size. */
  public static long linear(Cpu cpu, Instruction i, int sizeBytes, boolean write) {
    return Segmentation.linear(cpu, i.segment, cpu.offset(i), sizeBytes, write);
  }

  /** Width of a general-register, memory or immediate operand. */
  public static int width(Cpu cpu, Instruction i, int place) {
    Operand operand = i.operand(place);
    return switch (i.mod == 3 ? operand.registerSize() : operand.size()) {
      case BYTE -> 8;
      case WORD -> 16;
      case DWORD -> 32;
      case QWORD -> 64;
      case OPERAND -> i.operandSize;
      case OPERAND_NOT_64 -> Math.min(i.operandSize, 32);
      case DWORD_OR_QWORD -> i.w && cpu.codeSize == 64 ? 64 : 32;
      case NATIVE -> cpu.codeSize == 64 ? 64 : 32;
      case DQWORD,
          QQWORD,
          VECTOR,
          HALF_VECTOR,
          QUARTER_VECTOR,
          EIGHTH_VECTOR,
          BOUNDS,
          FAR_POINTER,
          PSEUDO_DESCRIPTOR,
          TBYTE,
          IMAGE,
          NONE ->
          i.operandSize;
    };
  }

  /** Whether the operand is in memory rather than in a register. */
  public static boolean inMemory(Instruction i, int place) {
    return switch (i.operand(place).place()) {
      case RM -> i.hasMemory();
      case MEMORY, MOFFS, STRING_SOURCE, STRING_DESTINATION -> true;
      default -> false;
    };
  }

  /** Number of the general register that holds the operand. */
  public static int register(Instruction i, int place) {
    Operand operand = i.operand(place);
    return switch (operand.place()) {
      case RM, RM_REGISTER -> i.rm;
      case REG -> i.reg;
      case OPCODE_REGISTER -> i.opcodeRegister;
      case VVVV_GPR -> i.vvvv;
      case FIXED_GPR -> operand.register();
      default -> throw new IllegalStateException(i.form + " has no register operand " + place);
    };
  }

  /** Reads the operand, zero-extended; immediates are cut to its width. */
  public static long read(Cpu cpu, Instruction i, int place) {
    int width = width(cpu, i, place);
    return switch (i.operand(place).place()) {
      case IMMEDIATE, RELATIVE -> Width.truncate(width, i.immediate);
      case IMMEDIATE2 -> Width.truncate(width, i.immediate2);
      case ONE -> 1;
      default ->
          inMemory(i, place)
              ? load(cpu, linear(cpu, i, width >> 3, false), width)
              : readRegister(cpu, i, register(i, place), width);
    };
  }

  /**
   * Writes the operand: a 32-bit register is zero-extended, a narrower one keeps its upper bits.
   */
  public static void write(Cpu cpu, Instruction i, int place, long value) {
    int width = width(cpu, i, place);
    if (inMemory(i, place)) {
      store(cpu, linear(cpu, i, width >> 3, true), width, value);
    } else {
      writeRegister(cpu, i, register(i, place), width, value);
    }
  }

  /** Reads a general register; without REX, byte registers 4 to 7 are AH, CH, DH and BH. */
  public static long readRegister(Cpu cpu, Instruction i, int register, int width) {
    return width == 8 && highByte(i, register)
        ? cpu.gpr[register - 4] >>> 8 & 0xFF
        : Width.truncate(width, cpu.gpr[register]);
  }

  /** Writes a general register; without REX, byte registers 4 to 7 are AH, CH, DH and BH. */
  public static void writeRegister(Cpu cpu, Instruction i, int register, int width, long value) {
    if (width == 8 && highByte(i, register)) {
      long old = cpu.gpr[register - 4];
      cpu.gpr[register - 4] = old & ~0xFF00L | (value & 0xFF) << 8;
    } else {
      setRegister(cpu, register, width, value);
    }
  }

  /** Writes a general register by number alone: 8 bits mean its lowest byte. */
  public static void setRegister(Cpu cpu, int register, int width, long value) {
    cpu.gpr[register] =
        switch (width) {
          case 64 -> value;
          case 32 -> value & 0xFFFF_FFFFL;
          case 16 -> cpu.gpr[register] & ~0xFFFFL | value & 0xFFFF;
          default -> cpu.gpr[register] & ~0xFFL | value & 0xFF;
        };
  }

  private static boolean highByte(Instruction i, int register) {
    return !i.rex && register >= 4 && register < 8;
  }

  /** Reads memory at a linear address, zero-extended. */
  public static long load(Cpu cpu, long linear, int width) {
    return switch (width) {
      case 8 -> cpu.mmu.read8(linear);
      case 16 -> cpu.mmu.read16(linear);
      case 32 -> cpu.mmu.read32(linear);
      default -> cpu.mmu.read64(linear);
    };
  }

  /** Writes memory at a linear address. */
  public static void store(Cpu cpu, long linear, int width, long value) {
    switch (width) {
      case 8 -> cpu.mmu.write8(linear, value);
      case 16 -> cpu.mmu.write16(linear, value);
      case 32 -> cpu.mmu.write32(linear, value);
      default -> cpu.mmu.write64(linear, value);
    }
  }
}
