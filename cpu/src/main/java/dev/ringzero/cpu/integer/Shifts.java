package dev.ringzero.cpu.integer;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.x86.Width;

/**
 * Shifts and rotates. Counts are taken modulo 32, or 64 for 64-bit operands; a count of zero
 * changes no flag. OF, which the manual defines for a count of one alone, is worked out in the same
 * way for all counts.
 *
 * @spec Intel SDM Vol. 2, "RCL/RCR/ROL/ROR", "SAL/SAR/SHL/SHR", "SHLD", "SHRD", "SARX/SHLX/SHRX",
 *     "RORX"
 */
public final class Shifts {
  private Shifts() {}

  private static int count(int width, long count) {
    return (int) count & (width == 64 ? 63 : 31);
  }

  public static long shl(Cpu cpu, int width, long destination, long source) {
    int count = count(width, source);
    if (count == 0) {
      return destination;
    }
    long result = destination << count;
    long carry = width == 64 ? destination >>> -count & 1 : result >>> width & 1;
    Flags.shifted(cpu, width, result, carry, Width.sign(width, result) ^ carry);
    return result;
  }

  public static long shr(Cpu cpu, int width, long destination, long source) {
    int count = count(width, source);
    if (count == 0) {
      return destination;
    }
    long result = destination >>> count;
    long carry = destination >>> count - 1 & 1;
    Flags.shifted(cpu, width, result, carry, Width.sign(width, result ^ result << 1));
    return result;
  }

  public static long sar(Cpu cpu, int width, long destination, long source) {
    int count = count(width, source);
    if (count == 0) {
      return destination;
    }
    long signed = Width.signExtend(width, destination);
    long result = signed >> count;
    Flags.shifted(cpu, width, result, signed >> count - 1 & 1, 0);
    return result;
  }

  public static long rol(Cpu cpu, int width, long destination, long source) {
    int count = count(width, source);
    if (count == 0) {
      return destination;
    }
    long result = rotateLeft(width, destination, count & width - 1);
    long carry = result & 1;
    Flags.carryAndOverflow(cpu, carry, Width.sign(width, result) ^ carry);
    return result;
  }

  public static long ror(Cpu cpu, int width, long destination, long source) {
    int count = count(width, source);
    if (count == 0) {
      return destination;
    }
    long result = rotateLeft(width, destination, -count & width - 1);
    long carry = Width.sign(width, result);
    Flags.carryAndOverflow(cpu, carry, Width.sign(width, result ^ result << 1));
    return result;
  }

  private static long rotateLeft(int width, long value, int count) {
    return count == 0 ? value : value << count | value >>> width - count;
  }

  public static long rcl(Cpu cpu, int width, long destination, long source) {
    int count = count(width, source) % (width + 1);
    if (count == 0) {
      return destination;
    }
    return rotateThroughCarry(cpu, width, destination, count, true);
  }

  public static long rcr(Cpu cpu, int width, long destination, long source) {
    int count = count(width, source) % (width + 1);
    if (count == 0) {
      return destination;
    }
    return rotateThroughCarry(cpu, width, destination, width + 1 - count, false);
  }

  /** Rotates the {@code width + 1} bits of CF and destination left by 1 to {@code width}. */
  private static long rotateThroughCarry(
      Cpu cpu, int width, long destination, int count, boolean left) {
    long fromCarry = Flags.carryBit(cpu) << count - 1;
    long up = count == 64 ? 0 : destination << count;
    long down = count == 1 ? 0 : destination >>> width + 1 - count;
    long result = Width.truncate(width, up | fromCarry | down);
    long carry = destination >>> width - count & 1;
    long sign = Width.sign(width, result);
    Flags.carryAndOverflow(cpu, carry, left ? sign ^ carry : sign ^ Width.sign(width, result << 1));
    return result;
  }

  public static long shld(Cpu cpu, int width, long destination, long source, long bits) {
    int count = count(width, bits);
    if (count == 0) {
      return destination;
    }
    long result;
    long carry;
    if (width == 64) {
      result = destination << count | source >>> -count;
      carry = destination >>> -count & 1;
    } else if (width == 32) {
      long joined = destination << 32 | source;
      result = joined << count >>> 32;
      carry = joined >>> -count & 1;
    } else {
      // The destination once more at the end, for counts beyond 16.
      long joined = destination << 32 | source << 16 | destination;
      result = joined >>> 32 - count;
      carry = joined >>> 48 - count & 1;
    }
    Flags.shifted(cpu, width, result, carry, Width.sign(width, result ^ destination));
    return result;
  }

  public static long shrd(Cpu cpu, int width, long destination, long source, long bits) {
    int count = count(width, bits);
    if (count == 0) {
      return destination;
    }
    long result;
    long carry;
    if (width == 64) {
      result = destination >>> count | source << -count;
      carry = destination >>> count - 1 & 1;
    } else {
      long joined =
          width == 32 ? source << 32 | destination : destination << 32 | source << 16 | destination;
      result = joined >>> count;
      carry = joined >>> count - 1 & 1;
    }
    Flags.shifted(cpu, width, result, carry, Width.sign(width, result ^ result << 1));
    return result;
  }

  public static long shlx(Cpu cpu, int width, long value, long count) {
    return value << count(width, count);
  }

  public static long shrx(Cpu cpu, int width, long value, long count) {
    return value >>> count(width, count);
  }

  public static long sarx(Cpu cpu, int width, long value, long count) {
    return Width.signExtend(width, value) >> count(width, count);
  }

  public static long rorx(Cpu cpu, int width, long value, long count) {
    return rotateLeft(width, value, -count(width, count) & width - 1);
  }
}
