package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.floating.Environment;

/**
 * RCP and RSQRT: the exact result rounded to 12 fraction bits, well within the manual's error
 * bound. They raise nothing and heed no control.
 *
 * @spec Intel SDM Vol. 2B, "RCPPS", "RSQRTPS"
 */
final class Approximation {
  private static final int SIGN = 1 << 31;
  private static final int INFINITY = 0xFF << 23;
  private static final int QUIET = 1 << 22;
  private static final int LEAST_NORMAL = 1 << 23;
  private static final int INDEFINITE = SIGN | INFINITY | QUIET;
  private static final int DROPPED_BITS = 11;

  private Approximation() {}

  static long reciprocal(Environment e, long a) {
    int bits = (int) a;
    int magnitude = bits & ~SIGN;
    int sign = bits & SIGN;
    int result;
    if (magnitude > INFINITY) {
      result = bits | QUIET;
    } else if (magnitude < LEAST_NORMAL) {
      result = sign | INFINITY;
    } else {
      result = sign | rounded(1.0 / Float.intBitsToFloat(magnitude));
    }
    return result & 0xFFFF_FFFFL;
  }

  static long reciprocalSquareRoot(Environment e, long a) {
    int bits = (int) a;
    int magnitude = bits & ~SIGN;
    int result;
    if (magnitude > INFINITY) {
      result = bits | QUIET;
    } else if (magnitude < LEAST_NORMAL) {
      result = bits & SIGN | INFINITY;
    } else if (bits < 0) {
      result = INDEFINITE;
    } else {
      result = rounded(1.0 / Math.sqrt(Float.intBitsToFloat(bits)));
    }
    return result & 0xFFFF_FFFFL;
  }

  /** To 12 fraction bits; denormal results become zero. */
  private static int rounded(double value) {
    int bits = Float.floatToRawIntBits((float) value);
    if (bits < LEAST_NORMAL) {
      return 0;
    }
    return bits + (1 << DROPPED_BITS - 1) & -(1 << DROPPED_BITS);
  }
}
