package dev.ringzero.cpu.system;

import dev.ringzero.x86.AddressWidth;

/**
 * The memory type range registers. They are kept and checked, but caching has no effect here.
 *
 * @spec Intel SDM Vol. 3A, "Memory Type Range Registers (MTRRs)"
 */
final class MemoryTypeRanges {
  static final int VARIABLE_PAIRS = 8;
  static final int FIXED_REGISTERS = 11;

  private static final long CAP_FIX = 1L << 8; // Fixed range registers supported
  private static final long CAP_WC = 1L << 10; // Write-combining memory type supported
  static final long CAPABILITIES = VARIABLE_PAIRS | CAP_FIX | CAP_WC;

  private static final long DEF_TYPE_TYPE = 0xFF; // Default Memory Type
  private static final long DEF_TYPE_FE = 1L << 10; // Fixed range MTRRs enabled
  private static final long DEF_TYPE_E = 1L << 11; // MTRRs enabled
  private static final long PHYSMASK_V = 1L << 11; // Valid

  final long[] variable = new long[2 * VARIABLE_PAIRS];
  final long[] fixed = new long[FIXED_REGISTERS];
  long defaultType;

  /** Whether a memory type is one that MTRRs may hold. */
  private static boolean type(long type) {
    return switch ((int) type) {
      case 0, 1, 4, 5, 6 -> true;
      default -> false;
    };
  }

  boolean writeDefaultType(long value) {
    if ((value & ~(DEF_TYPE_TYPE | DEF_TYPE_FE | DEF_TYPE_E)) != 0 || !type(value & 0xFF)) {
      return false;
    }
    defaultType = value;
    return true;
  }

  boolean writeVariable(int number, long value) {
    boolean mask = (number & 1) != 0;
    long allowed = (1L << AddressWidth.PHYSICAL_BITS) - 0x1000 | (mask ? PHYSMASK_V : 0xFF);
    if ((value & ~allowed) != 0 || !mask && !type(value & 0xFF)) {
      return false;
    }
    variable[number] = value;
    return true;
  }

  boolean writeFixed(int number, long value) {
    for (int shift = 0; shift < 64; shift += 8) {
      if (!type(value >>> shift & 0xFF)) {
        return false;
      }
    }
    fixed[number] = value;
    return true;
  }

  /** Number of a fixed-range register by its MSR index, or -1. */
  static int fixedNumber(int index) {
    if (index >= Msr.IA32_MTRR_FIX4K_C0000 && index <= Msr.IA32_MTRR_FIX4K_F8000) {
      return 3 + index - Msr.IA32_MTRR_FIX4K_C0000;
    }
    return switch (index) {
      case Msr.IA32_MTRR_FIX64K_00000 -> 0;
      case Msr.IA32_MTRR_FIX16K_80000 -> 1;
      case Msr.IA32_MTRR_FIX16K_A0000 -> 2;
      default -> -1;
    };
  }

  /** Number of a variable-range register by its MSR index, or -1. */
  static int variableNumber(int index) {
    int number = index - Msr.IA32_MTRR_PHYSBASE0;
    return number >= 0 && number < 2 * VARIABLE_PAIRS ? number : -1;
  }
}
