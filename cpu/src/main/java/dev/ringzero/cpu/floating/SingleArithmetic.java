package dev.ringzero.cpu.floating;

import static dev.ringzero.cpu.floating.Environment.PE;
import static dev.ringzero.cpu.floating.Format.SINGLE;
import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;

/**
 * Single-precision arithmetic on bit patterns in the low half of a long; results are zero-extended
 * and the upper half of an operand is ignored. Works as {@link DoubleArithmetic} does; that
 * products and quotients are exact is seen in double precision.
 */
public final class SingleArithmetic {
  private static final long LOW = 0xFFFF_FFFFL;
  private static final int LEAST_NORMAL = 1 << 23;
  private static final int EXPONENT = 0xFF << 23;
  private static final int ROOMY = 2 << 23;

  private SingleArithmetic() {}

  public static long add(Environment e, long a, long b) {
    int p = (int) a;
    int q = (int) b;
    if (e.nearest() && isNormalOrZero(p) && isNormalOrZero(q)) {
      float x = intBitsToFloat(p);
      float y = intBitsToFloat(q);
      float sum = x + y;
      int result = floatToRawIntBits(sum);
      if (isNormalOrZero(result)) {
        if (e.watchesPrecision() && sumResidual(x, y, sum) != 0) {
          e.raise(PE);
        }
        return result & LOW;
      }
    }
    return ExactArithmetic.add(e, SINGLE, a & LOW, b & LOW);
  }

  public static long subtract(Environment e, long a, long b) {
    int p = (int) a;
    int q = (int) b;
    if (e.nearest() && isNormalOrZero(p) && isNormalOrZero(q)) {
      float x = intBitsToFloat(p);
      float y = intBitsToFloat(q);
      float difference = x - y;
      int result = floatToRawIntBits(difference);
      if (isNormalOrZero(result)) {
        if (e.watchesPrecision() && sumResidual(x, -y, difference) != 0) {
          e.raise(PE);
        }
        return result & LOW;
      }
    }
    return ExactArithmetic.subtract(e, SINGLE, a & LOW, b & LOW);
  }

  private static float sumResidual(float x, float y, float sum) {
    return Math.abs(x) >= Math.abs(y) ? y - (sum - x) : x - (sum - y);
  }

  public static long multiply(Environment e, long a, long b) {
    int p = (int) a;
    int q = (int) b;
    if (e.nearest() && isNormalOrZero(p) && isNormalOrZero(q)) {
      float x = intBitsToFloat(p);
      float y = intBitsToFloat(q);
      float product = x * y;
      int result = floatToRawIntBits(product);
      if (isRoomy(result)) {
        if (e.watchesPrecision() && (double) x * y != product) {
          e.raise(PE);
        }
        return result & LOW;
      }
    }
    return ExactArithmetic.multiply(e, SINGLE, a & LOW, b & LOW);
  }

  public static long divide(Environment e, long a, long b) {
    int p = (int) a;
    int q = (int) b;
    if (e.nearest() && isNormalOrZero(p) && isNormalOrZero(q)) {
      float x = intBitsToFloat(p);
      float y = intBitsToFloat(q);
      float quotient = x / y;
      int result = floatToRawIntBits(quotient);
      if (isRoomy(result)) {
        if (e.watchesPrecision() && (double) quotient * y != x) {
          e.raise(PE);
        }
        return result & LOW;
      }
    }
    return ExactArithmetic.divide(e, SINGLE, a & LOW, b & LOW);
  }

  public static long squareRoot(Environment e, long a) {
    int p = (int) a;
    if (e.nearest() && isRoomy(p) && p >= 0) {
      float x = intBitsToFloat(p);
      float root = (float) Math.sqrt(x);
      if (e.watchesPrecision() && (double) root * root != x) {
        e.raise(PE);
      }
      return floatToRawIntBits(root) & LOW;
    }
    return ExactArithmetic.squareRoot(e, SINGLE, a & LOW);
  }

  /** {@code a * b + c}, rounded once. */
  public static long fusedMultiplyAdd(Environment e, long a, long b, long c) {
    int p = (int) a;
    int q = (int) b;
    int r = (int) c;
    if (e.nearest()
        && !e.watchesPrecision()
        && isNormalOrZero(p)
        && isNormalOrZero(q)
        && isNormalOrZero(r)) {
      float fused = Math.fma(intBitsToFloat(p), intBitsToFloat(q), intBitsToFloat(r));
      int result = floatToRawIntBits(fused);
      if (isRoomy(result)) {
        return result & LOW;
      }
    }
    return ExactArithmetic.fusedMultiplyAdd(e, SINGLE, a & LOW, b & LOW, c & LOW);
  }

  /** Rounds to an integral value; PE if that changes it. */
  public static long roundToIntegral(Environment e, long a) {
    int p = (int) a;
    if (isNormalOrZero(p)) {
      float x = intBitsToFloat(p);
      float rounded = (float) DoubleArithmetic.integral(e.rounding(), x);
      if (rounded != x) {
        e.raise(PE);
      }
      return floatToRawIntBits(rounded) & LOW;
    }
    return ExactArithmetic.roundToIntegral(e, SINGLE, a & LOW);
  }

  static boolean isNormalOrZero(int bits) {
    return (bits + LEAST_NORMAL & EXPONENT - LEAST_NORMAL) != 0 || bits << 1 == 0;
  }

  static boolean isRoomy(int bits) {
    int magnitude = bits & Integer.MAX_VALUE;
    return magnitude >= ROOMY && magnitude < EXPONENT;
  }
}
