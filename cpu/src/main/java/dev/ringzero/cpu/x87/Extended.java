package dev.ringzero.cpu.x87;

/**
 * Kinds of values of the double extended-precision format, each given by its sign and exponent (16
 * bits) and its significand with the integer bit.
 *
 * @spec Intel SDM Vol. 1, "Unsupported Double Extended-Precision Floating-Point Encodings and
 *     Pseudo-Denormals"
 */
final class Extended {
  static final int SIGN = 0x8000;
  static final int MAXIMUM = 0x7FFF; // exponent of infinities and NaNs
  static final int BIAS = 0x3FFF;
  static final long INTEGER_BIT = 1L << 63;
  static final long QUIET_BIT = 1L << 62;

  /** Sign and exponent, and significand, of the QNaN floating-point indefinite. */
  static final int INDEFINITE = 0xFFFF;

  static final long INDEFINITE_SIGNIFICAND = INTEGER_BIT | QUIET_BIT;

  private Extended() {}

  static int exponent(int signExponent) {
    return signExponent & MAXIMUM;
  }

  static int sign(int signExponent) {
    return signExponent & SIGN;
  }

  /** Normalized and finite: the common case. */
  static boolean isNormal(int signExponent, long significand) {
    int exponent = signExponent & MAXIMUM;
    return significand < 0 && exponent != 0 && exponent != MAXIMUM;
  }

  /** Unnormals, pseudo-NaNs and pseudo-infinities. */
  static boolean isUnsupported(int signExponent, long significand) {
    return significand >= 0 && (signExponent & MAXIMUM) != 0;
  }

  static boolean isNan(int signExponent, long significand) {
    return (signExponent & MAXIMUM) == MAXIMUM && significand < 0 && significand << 1 != 0;
  }

  static boolean isSignalling(int signExponent, long significand) {
    return isNan(signExponent, significand) && (significand & QUIET_BIT) == 0;
  }

  static boolean isInfinity(int signExponent, long significand) {
    return (signExponent & MAXIMUM) == MAXIMUM && significand == INTEGER_BIT;
  }

  static boolean isZero(int signExponent, long significand) {
    return (signExponent & MAXIMUM) == 0 && significand == 0;
  }

  /** Denormals and pseudo-denormals. */
  static boolean isDenormal(int signExponent, long significand) {
    return (signExponent & MAXIMUM) == 0 && significand != 0;
  }

  /**
   * Biased exponent of a non-zero finite value once its significand is normalized; may be below 1.
   */
  static int normalExponent(int signExponent, long significand) {
    int exponent = signExponent & MAXIMUM;
    return exponent != 0 ? exponent : 1 - Long.numberOfLeadingZeros(significand);
  }

  /** The significand of a non-zero finite value, shifted so that its integer bit is set. */
  static long normalSignificand(long significand) {
    return significand << Long.numberOfLeadingZeros(significand);
  }
}
