package dev.ringzero.cpu.x87;

/**
 * FSCALE and FXTRACT: multiplying by a power of two, and taking a value apart.
 *
 * @spec Intel SDM Vol. 2A, "FSCALE" and "FXTRACT"
 */
final class Scaling {
  private static final int ENOUGH = 0x10000; // beyond any difference of exponents

  private Scaling() {}

  static void scale(Result r, int aSignExponent, long a, int bSignExponent, long b) {
    if (Arithmetic.nanOrUnsupported(r, aSignExponent, a, bSignExponent, b)) {
      return;
    }
    boolean aInfinite = Extended.isInfinity(aSignExponent, a);
    boolean aZero = Extended.isZero(aSignExponent, a);
    boolean negative = Extended.sign(bSignExponent) != 0;
    if (Extended.isInfinity(bSignExponent, b)) {
      if (negative ? aInfinite : aZero) {
        r.invalid();
        return;
      }
      r.noteDenormal(aSignExponent, a);
      if (negative) {
        r.setZero(Extended.sign(aSignExponent));
      } else {
        r.setInfinity(Extended.sign(aSignExponent));
      }
      return;
    }
    Arithmetic.noteDenormals(r, aSignExponent, a, bSignExponent, b);
    if (aInfinite || aZero || Extended.isZero(bSignExponent, b)) {
      r.setExact(aSignExponent, a);
      return;
    }
    int power = truncated(bSignExponent, b);
    r.roundFully(
        Extended.sign(aSignExponent),
        Extended.normalExponent(aSignExponent, a) + (negative ? -power : power),
        Extended.normalSignificand(a),
        0);
  }

  private static int truncated(int signExponent, long significand) {
    int exponent = Extended.exponent(signExponent) - Extended.BIAS;
    if (exponent < 0) {
      return 0;
    }
    return exponent > 15 ? ENOUGH : (int) (significand >>> 63 - exponent);
  }

  static void exponentOf(Result r, int signExponent, long significand) {
    if (Arithmetic.nanOrUnsupported(r, signExponent, significand)) {
      return;
    }
    if (Extended.isInfinity(signExponent, significand)) {
      r.setInfinity(0);
    } else if (significand == 0) {
      r.raised |= StatusWord.ZE;
      r.setInfinity(Extended.SIGN);
    } else {
      r.noteDenormal(signExponent, significand);
      Conversion.fromInteger(r, Extended.normalExponent(signExponent, significand) - Extended.BIAS);
    }
  }

  static void significandOf(Result r, int signExponent, long significand) {
    if (Extended.isUnsupported(signExponent, significand)) {
      r.set(Extended.INDEFINITE, Extended.INDEFINITE_SIGNIFICAND);
    } else if (Extended.isNan(signExponent, significand)) {
      r.set(signExponent, significand | Extended.QUIET_BIT);
    } else if (significand == 0 || Extended.isInfinity(signExponent, significand)) {
      r.set(signExponent, significand);
    } else {
      r.set(Extended.sign(signExponent) | Extended.BIAS, Extended.normalSignificand(significand));
    }
  }
}
