package dev.ringzero.cpu.integer;

import static dev.ringzero.cpu.Cpu.RAX;
import static dev.ringzero.cpu.Cpu.RDX;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.Width;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Multiplication and division; the double-width operand is in rDX:rAX, or in AX for bytes.
 *
 * @spec Intel SDM Vol. 2, "DIV", "IDIV", "IMUL", "MUL", "MULX"
 */
public final class Multiplication {
  private Multiplication() {}

  /** MUL: rDX:rAX is set to the accumulator times the source. */
  static void mul(Cpu cpu, int width, long source) {
    long a = Width.truncate(width, cpu.gpr[RAX]);
    long low = a * source;
    long high = width == 64 ? Math.unsignedMultiplyHigh(a, source) : low >>> width;
    writeDouble(cpu, width, low, high);
    setFlags(cpu, width, low, Width.truncate(width, high) != 0);
  }

  /** IMUL with one operand. */
  static void imul(Cpu cpu, int width, long source) {
    long a = Width.signExtend(width, cpu.gpr[RAX]);
    long b = Width.signExtend(width, source);
    long low = a * b;
    long high = width == 64 ? Math.multiplyHigh(a, b) : low >> width;
    writeDouble(cpu, width, low, high);
    setFlags(cpu, width, low, overflows(width, a, b, low));
  }

  /** IMUL with two or three operands. */
  public static long imul(Cpu cpu, int width, long first, long second) {
    long a = Width.signExtend(width, first);
    long b = Width.signExtend(width, second);
    long result = a * b;
    setFlags(cpu, width, result, overflows(width, a, b, result));
    return result;
  }

  /**
   * MULX: high and low half go to two registers, flags stay; the high half wins if both are one.
   */
  static void mulx(Cpu cpu, Instruction i) {
    int width = Operands.width(cpu, i, 0);
    long a = Width.truncate(width, cpu.gpr[RDX]);
    long b = Operands.read(cpu, i, 2);
    long low = a * b;
    Operands.write(cpu, i, 1, low);
    Operands.write(cpu, i, 0, width == 64 ? Math.unsignedMultiplyHigh(a, b) : low >>> width);
  }

  private static boolean overflows(int width, long a, long b, long low) {
    return width == 64 ? Math.multiplyHigh(a, b) != low >> 63 : Width.signExtend(width, low) != low;
  }

  private static void setFlags(Cpu cpu, int width, long low, boolean overflow) {
    long bit = overflow ? 1 : 0;
    Flags.shifted(cpu, width, low, bit, bit);
  }

  private static void writeDouble(Cpu cpu, int width, long low, long high) {
    if (width == 8) {
      Operands.setRegister(cpu, RAX, 16, low & 0xFF | high << 8);
    } else {
      Operands.setRegister(cpu, RAX, width, low);
      Operands.setRegister(cpu, RDX, width, high);
    }
  }

  /** DIV; #DE if the divisor is zero or the quotient does not fit. */
  static void div(Cpu cpu, int width, long divisor) {
    if (divisor == 0) {
      throw cpu.fault(Vector.DE);
    }
    if (width == 64) {
      divide128(cpu, divisor);
      return;
    }
    long dividend = dividend(cpu, width);
    long quotient = Long.divideUnsigned(dividend, divisor);
    if (quotient != Width.truncate(width, quotient)) {
      throw cpu.fault(Vector.DE);
    }
    writeDouble(cpu, width, quotient, Long.remainderUnsigned(dividend, divisor));
  }

  private static void divide128(Cpu cpu, long divisor) {
    long high = cpu.gpr[RDX];
    long low = cpu.gpr[RAX];
    if (Long.compareUnsigned(high, divisor) >= 0) {
      throw cpu.fault(Vector.DE);
    }
    long quotient = high == 0 ? Long.divideUnsigned(low, divisor) : quotient(high, low, divisor);
    cpu.gpr[RAX] = quotient;
    cpu.gpr[RDX] = low - quotient * divisor;
  }

  /** IDIV; #DE if the divisor is zero or the quotient does not fit. */
  static void idiv(Cpu cpu, int width, long source) {
    long divisor = Width.signExtend(width, source);
    if (divisor == 0) {
      throw cpu.fault(Vector.DE);
    }
    if (width == 64) {
      signedDivide128(cpu, divisor);
      return;
    }
    long dividend = Width.signExtend(2 * width, dividend(cpu, width));
    if (dividend == Long.MIN_VALUE && divisor == -1) {
      throw cpu.fault(Vector.DE);
    }
    long quotient = dividend / divisor;
    if (quotient != Width.signExtend(width, quotient)) {
      throw cpu.fault(Vector.DE);
    }
    writeDouble(cpu, width, quotient, dividend % divisor);
  }

  private static void signedDivide128(Cpu cpu, long divisor) {
    long low = cpu.gpr[RAX];
    long high = cpu.gpr[RDX];
    boolean negative = high < 0;
    long magnitudeLow = negative ? -low : low;
    long magnitudeHigh = negative ? ~high + (low == 0 ? 1 : 0) : high;
    long magnitude = Math.abs(divisor);
    if (Long.compareUnsigned(magnitudeHigh, magnitude) >= 0) {
      throw cpu.fault(Vector.DE);
    }
    long unsigned = quotient(magnitudeHigh, magnitudeLow, magnitude);
    long quotient = negative == divisor < 0 ? unsigned : -unsigned;
    if (unsigned != 0 && quotient < 0 != (negative != divisor < 0)) {
      throw cpu.fault(Vector.DE);
    }
    cpu.gpr[RAX] = quotient;
    cpu.gpr[RDX] = low - quotient * divisor;
  }

  private static long dividend(Cpu cpu, int width) {
    if (width == 8) {
      return cpu.gpr[RAX] & 0xFFFF;
    }
    return Width.truncate(width, cpu.gpr[RDX]) << width | Width.truncate(width, cpu.gpr[RAX]);
  }

  /**
   * Quotient of an unsigned 128-bit dividend whose high half is below the divisor: schoolbook
   * division in two steps of 32 bits.
   */
  private static long quotient(long high, long low, long divisor) {
    if (high == 0) {
      return Long.divideUnsigned(low, divisor);
    }
    int shift = Long.numberOfLeadingZeros(divisor);
    long d = divisor << shift;
    long remainder = shift == 0 ? high : high << shift | low >>> -shift;
    long rest = low << shift;
    long upper = digit(remainder, rest >>> 32, d);
    remainder = (remainder << 32 | rest >>> 32) - upper * d;
    long lower = digit(remainder, rest & 0xFFFF_FFFFL, d);
    return upper << 32 | lower;
  }

  /** One 32-bit digit of {@code (remainder << 32 | next) / d}, with the top bit of d set. */
  private static long digit(long remainder, long next, long d) {
    long top = d >>> 32;
    long bottom = d & 0xFFFF_FFFFL;
    long digit = Long.divideUnsigned(remainder, top);
    long left = remainder - digit * top;
    while (left >>> 32 == 0
        && (digit >>> 32 != 0 || Long.compareUnsigned(digit * bottom, left << 32 | next) > 0)) {
      digit--;
      left += top;
    }
    return digit;
  }
}
