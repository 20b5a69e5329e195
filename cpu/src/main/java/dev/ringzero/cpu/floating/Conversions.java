package dev.ringzero.cpu.floating;

import static dev.ringzero.cpu.floating.Format.DOUBLE;
import static dev.ringzero.cpu.floating.Format.HALF;
import static dev.ringzero.cpu.floating.Format.SINGLE;

/**
 * Conversions between formats and from and to integers, on bit patterns.
 *
 * @spec Intel SDM Vol. 1, "SSE2 Conversion Instructions", "Half-Precision Floating-Point
 *     Conversion"
 */
public final class Conversions {
  private static final long LOW = 0xFFFF_FFFFL;

  private Conversions() {}

  public static long singleToDouble(Environment e, long single) {
    int bits = (int) single;
    if (SingleArithmetic.isNormalOrZero(bits)) {
      return Double.doubleToRawLongBits(Float.intBitsToFloat(bits));
    }
    return convert(e, SINGLE, DOUBLE, single & LOW);
  }

  public static long doubleToSingle(Environment e, long bits) {
    if (e.nearest() && DoubleArithmetic.isNormalOrZero(bits)) {
      double x = Double.longBitsToDouble(bits);
      float single = (float) x;
      int result = Float.floatToRawIntBits(single);
      if (SingleArithmetic.isRoomy(result)) {
        if (single != x) {
          e.raise(Environment.PE);
        }
        return result & LOW;
      }
    }
    return convert(e, DOUBLE, SINGLE, bits);
  }

  /** DAZ does not matter to a half, nor is a denormal one an exception. */
  public static long halfToSingle(Environment e, long half) {
    long bits = half & 0xFFFF;
    if (HALF.isDenormal(bits)) {
      HALF.unpack(bits, e.first);
      return SINGLE.pack(e, e.first);
    }
    return convert(e, HALF, SINGLE, bits);
  }

  /** FTZ does not matter to a half. A denormal single is never exact, even if UE comes first. */
  public static long singleToHalf(Environment e, long single) {
    int control = e.control;
    e.control = control & ~Environment.FTZ;
    long half = convert(e, SINGLE, HALF, single & LOW);
    e.control = control;
    if (SINGLE.isDenormal(single & LOW) && !e.denormalsAreZeros()) {
      e.raise(Environment.PE);
    }
    return half;
  }

  private static long convert(Environment e, Format from, Format to, long bits) {
    boolean negative = from.isNegative(bits);
    if (from.isNan(bits)) {
      long fraction = Nans.propagate(e, from, bits) & from.fractionMask;
      int shift = to.precision - from.precision;
      return to.infinity(negative) | (shift >= 0 ? fraction << shift : fraction >>> -shift);
    }
    if (from.isInfinite(bits)) {
      return to.infinity(negative);
    }
    long x = ExactArithmetic.operand(e, from, bits);
    if (from.isZero(x)) {
      return to.zero(negative);
    }
    ExactArithmetic.noteDenormals(e, from, x, x);
    from.unpack(x, e.first);
    return to.pack(e, e.first);
  }

  /** What does not fit a signed integer gives the integer indefinite and IE. */
  private static long toInteger(Environment e, Format f, long value, int bits) {
    long indefinite = 1L << bits - 1;
    if (f.isNan(value) || f.isInfinite(value)) {
      return indefinite(e, indefinite);
    }
    long x = ExactArithmetic.operand(e, f, value);
    if (f.isZero(x)) {
      return 0;
    }
    Unpacked number = e.first;
    f.unpack(x, number);
    if (number.exponent > 63) {
      return indefinite(e, indefinite);
    }
    boolean inexact = ExactArithmetic.toIntegral(e, number);
    number.shiftRightSticky(63 - number.exponent);
    long magnitude = number.high;
    long limit = number.negative ? indefinite : indefinite - 1;
    if (Long.compareUnsigned(magnitude, limit) > 0) {
      return indefinite(e, indefinite);
    }
    if (inexact) {
      e.raise(Environment.PE);
    }
    long result = number.negative ? -magnitude : magnitude;
    return bits == 64 ? result : result & LOW;
  }

  private static long indefinite(Environment e, long indefinite) {
    e.raise(Environment.IE);
    return indefinite;
  }

  /** From a double to a signed integer of this many bits, by the rounding mode. */
  public static long fromDouble(Environment e, long value, int bits) {
    if (DoubleArithmetic.isNormalOrZero(value)) {
      double x = Double.longBitsToDouble(value);
      double rounded = DoubleArithmetic.integral(e.rounding(), x);
      double limit = bits == 32 ? 0x1p31 : 0x1p63;
      if (rounded >= -limit && rounded < limit) {
        if (rounded != x) {
          e.raise(Environment.PE);
        }
        return bits == 32 ? (long) rounded & LOW : (long) rounded;
      }
    }
    return toInteger(e, DOUBLE, value, bits);
  }

  /** From a single to a signed integer of this many bits, by the rounding mode. */
  public static long fromSingle(Environment e, long value, int bits) {
    int single = (int) value;
    if (SingleArithmetic.isNormalOrZero(single)) {
      return fromDouble(e, Double.doubleToRawLongBits(Float.intBitsToFloat(single)), bits);
    }
    return toInteger(e, SINGLE, value & LOW, bits);
  }

  /** From a double to an integer of this many bits, towards zero. */
  public static long truncateDouble(Environment e, long value, int bits) {
    int control = e.control;
    e.round(Environment.ZERO);
    long result = fromDouble(e, value, bits);
    e.control = control;
    return result;
  }

  /** From a single to an integer of this many bits, towards zero. */
  public static long truncateSingle(Environment e, long value, int bits) {
    int control = e.control;
    e.round(Environment.ZERO);
    long result = fromSingle(e, value, bits);
    e.control = control;
    return result;
  }

  /** A signed integer to a format, rounded as the mode says. */
  public static long fromInteger(Environment e, Format f, long integer) {
    if (integer == 0) {
      return 0;
    }
    e.first.setInteger(integer < 0, Math.abs(integer));
    return f.pack(e, e.first);
  }

  /** A signed 32-bit integer to a double, which is always exact. */
  public static long doubleFromInt(long integer) {
    return Double.doubleToRawLongBits((int) integer);
  }

  public static long singleFromInteger(Environment e, long integer) {
    if (e.nearest() && Math.abs(integer) < 1L << 62) {
      float result = integer;
      if ((long) result != integer) {
        e.raise(Environment.PE);
      }
      return Float.floatToRawIntBits(result) & LOW;
    }
    return fromInteger(e, SINGLE, integer);
  }

  public static long doubleFromInteger(Environment e, long integer) {
    if (e.nearest() && Math.abs(integer) < 1L << 62) {
      double result = integer;
      if ((long) result != integer) {
        e.raise(Environment.PE);
      }
      return Double.doubleToRawLongBits(result);
    }
    return fromInteger(e, DOUBLE, integer);
  }
}
