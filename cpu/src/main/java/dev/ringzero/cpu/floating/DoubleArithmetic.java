package dev.ringzero.cpu.floating;

import static dev.ringzero.cpu.floating.Environment.PE;
import static dev.ringzero.cpu.floating.Format.DOUBLE;
import static java.lang.Double.doubleToRawLongBits;
import static java.lang.Double.longBitsToDouble;

/**
 * Double-precision arithmetic on bit patterns. To nearest and on ordinary numbers Java's operators
 * give the result, and an error-free transformation tells whether it is exact; everything else goes
 * to {@link ExactArithmetic}.
 */
public final class DoubleArithmetic {
  private static final long LEAST_NORMAL = 1L << 52;
  private static final long EXPONENT = 0x7FFL << 52;

  /** Least magnitude with room below: no residual of it underflows. */
  private static final long ROOMY = 128L << 52;

  private DoubleArithmetic() {}

  public static long add(Environment e, long a, long b) {
    if (e.nearest() && isNormalOrZero(a) && isNormalOrZero(b)) {
      double x = longBitsToDouble(a);
      double y = longBitsToDouble(b);
      double sum = x + y;
      long result = doubleToRawLongBits(sum);
      if (isNormalOrZero(result)) {
        if (e.watchesPrecision() && sumResidual(x, y, sum) != 0) {
          e.raise(PE);
        }
        return result;
      }
    }
    return ExactArithmetic.add(e, DOUBLE, a, b);
  }

  public static long subtract(Environment e, long a, long b) {
    if (e.nearest() && isNormalOrZero(a) && isNormalOrZero(b)) {
      double x = longBitsToDouble(a);
      double y = longBitsToDouble(b);
      double difference = x - y;
      long result = doubleToRawLongBits(difference);
      if (isNormalOrZero(result)) {
        if (e.watchesPrecision() && sumResidual(x, -y, difference) != 0) {
          e.raise(PE);
        }
        return result;
      }
    }
    return ExactArithmetic.subtract(e, DOUBLE, a, b);
  }

  private static double sumResidual(double x, double y, double sum) {
    return Math.abs(x) >= Math.abs(y) ? y - (sum - x) : x - (sum - y);
  }

  public static long multiply(Environment e, long a, long b) {
    if (e.nearest() && isNormalOrZero(a) && isNormalOrZero(b)) {
      double x = longBitsToDouble(a);
      double y = longBitsToDouble(b);
      double product = x * y;
      long result = doubleToRawLongBits(product);
      if (isRoomy(result)) {
        if (e.watchesPrecision() && Math.fma(x, y, -product) != 0) {
          e.raise(PE);
        }
        return result;
      }
    }
    return ExactArithmetic.multiply(e, DOUBLE, a, b);
  }

  public static long divide(Environment e, long a, long b) {
    if (e.nearest() && isRoomy(a) && isNormalOrZero(b)) {
      double x = longBitsToDouble(a);
      double y = longBitsToDouble(b);
      double quotient = x / y;
      long result = doubleToRawLongBits(quotient);
      if (isRoomy(result)) {
        if (e.watchesPrecision() && Math.fma(-quotient, y, x) != 0) {
          e.raise(PE);
        }
        return result;
      }
    }
    return ExactArithmetic.divide(e, DOUBLE, a, b);
  }

  public static long squareRoot(Environment e, long a) {
    if (e.nearest() && isRoomy(a) && a >= 0) {
      double x = longBitsToDouble(a);
      double root = Math.sqrt(x);
      if (e.watchesPrecision() && Math.fma(-root, root, x) != 0) {
        e.raise(PE);
      }
      return doubleToRawLongBits(root);
    }
    return ExactArithmetic.squareRoot(e, DOUBLE, a);
  }

  /** {@code a * b + c}, rounded once. */
  public static long fusedMultiplyAdd(Environment e, long a, long b, long c) {
    if (e.nearest()
        && !e.watchesPrecision()
        && isNormalOrZero(a)
        && isNormalOrZero(b)
        && isNormalOrZero(c)) {
      double fused = Math.fma(longBitsToDouble(a), longBitsToDouble(b), longBitsToDouble(c));
      long result = doubleToRawLongBits(fused);
      if (isRoomy(result)) {
        return result;
      }
    }
    return ExactArithmetic.fusedMultiplyAdd(e, DOUBLE, a, b, c);
  }

  /** Rounds to an integral value; PE if that changes it. */
  public static long roundToIntegral(Environment e, long a) {
    if (isNormalOrZero(a)) {
      double x = longBitsToDouble(a);
      double rounded = integral(e.rounding(), x);
      if (rounded != x) {
        e.raise(PE);
      }
      return doubleToRawLongBits(rounded);
    }
    return ExactArithmetic.roundToIntegral(e, DOUBLE, a);
  }

  /** By a rounding mode; the sign of a zero result is the operand's. */
  static double integral(int rounding, double x) {
    return switch (rounding) {
      case Environment.NEAREST -> Math.rint(x);
      case Environment.DOWN -> Math.floor(x);
      case Environment.UP -> Math.ceil(x);
      default -> x < 0 ? Math.ceil(x) : Math.floor(x);
    };
  }

  static boolean isNormalOrZero(long bits) {
    return (bits + LEAST_NORMAL & EXPONENT - LEAST_NORMAL) != 0 || bits << 1 == 0;
  }

  private static boolean isRoomy(long bits) {
    long magnitude = bits & Long.MAX_VALUE;
    return magnitude >= ROOMY && magnitude < EXPONENT;
  }
}
