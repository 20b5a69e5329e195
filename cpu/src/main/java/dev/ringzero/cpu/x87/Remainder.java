package dev.ringzero.cpu.x87;

/**
 * FPREM and FPREM1. A difference of exponents of 64 or more is reduced by up to 63 in one step and
 * leaves C2 set.
 *
 * @spec Intel SDM Vol. 2A, "FPREM" and "FPREM1"
 */
final class Remainder {
  /** There is no quotient to tell of in condition codes. */
  private static final int NO_QUOTIENT = -1;

  private Remainder() {}

  /** Computes into the result; returns the condition codes, or a negative number for none. */
  static int compute(
      Result r, int aSignExponent, long a, int bSignExponent, long b, boolean nearest) {
    if (Arithmetic.nanOrUnsupported(r, aSignExponent, a, bSignExponent, b)) {
      return NO_QUOTIENT;
    }
    if (Extended.isInfinity(aSignExponent, a) || Extended.isZero(bSignExponent, b)) {
      r.invalid();
      return NO_QUOTIENT;
    }
    Arithmetic.noteDenormals(r, aSignExponent, a, bSignExponent, b);
    if (Extended.isZero(aSignExponent, a)) {
      r.set(aSignExponent, a);
      return 0;
    }
    if (Extended.isInfinity(bSignExponent, b)) {
      r.setExact(aSignExponent, a);
      return 0;
    }
    return divide(r, aSignExponent, a, bSignExponent, b, nearest);
  }

  private static int divide(
      Result r, int aSignExponent, long a, int bSignExponent, long b, boolean nearest) {
    final int sign = Extended.sign(aSignExponent);
    final int aExponent = Extended.normalExponent(aSignExponent, a);
    final int bExponent = Extended.normalExponent(bSignExponent, b);
    a = Extended.normalSignificand(a);
    b = Extended.normalSignificand(b);
    int difference = aExponent - bExponent;
    if (difference < -1 || difference < 0 && !nearest) {
      exact(r, sign, aExponent, a);
      return 0;
    }
    if (difference >= 64) {
      int step = difference & 31 | 32;
      long rest = remainderAfter(a, b, step);
      exact(r, sign, aExponent - step, rest);
      return StatusWord.C2;
    }
    long quotient = 0;
    long rest;
    if (difference < 0) {
      rest = a; // half the divisor's scale: only rounding to nearest can take it further
    } else {
      boolean one = Long.compareUnsigned(a, b) >= 0;
      long high = one ? a - b : a;
      quotient = one ? 1 : 0;
      if (difference > 0) {
        long more = divideShifted(high, difference, b);
        rest = (high << difference) - more * b;
        quotient = (quotient << difference) + more;
      } else {
        rest = high;
      }
    }
    return finish(r, sign, bExponent, rest, b, quotient, difference < 0, nearest);
  }

  /** Quotient of high · 2^shift by the divisor, where high is below the divisor. */
  private static long divideShifted(long high, int shift, long divisor) {
    return Wide.divide(high >>> 64 - shift, high << shift, divisor);
  }

  /** What is left of a · 2^shift after division by b. */
  private static long remainderAfter(long a, long b, int shift) {
    long high = Long.compareUnsigned(a, b) >= 0 ? a - b : a;
    return (high << shift) - divideShifted(high, shift, b) * b;
  }

  private static int finish(
      Result r,
      int sign,
      int exponent,
      long rest,
      long divisor,
      long quotient,
      boolean halfScale,
      boolean nearest) {
    if (nearest && exceedsHalf(rest, divisor, quotient, halfScale)) {
      quotient++;
      sign ^= Extended.SIGN;
      if (halfScale) {
        // divisor - rest / 2, in halves: may exceed 64 bits, so the sum is formed by parts
        long difference = divisor - (rest >>> 1) - (rest & 1);
        long low = (rest & 1) << 63;
        exactWide(r, sign, exponent, difference, low);
        return conditions(quotient);
      }
      rest = divisor - rest;
    }
    exact(r, sign, halfScale ? exponent - 1 : exponent, rest);
    return conditions(quotient);
  }

  private static boolean exceedsHalf(long rest, long divisor, long quotient, boolean halfScale) {
    if (halfScale) {
      return Long.compareUnsigned(rest, divisor) > 0;
    }
    long other = divisor - rest;
    int order = Long.compareUnsigned(rest, other);
    return order > 0 || order == 0 && (quotient & 1) != 0;
  }

  /** Q2, Q1 and Q0 of the quotient in C0, C3 and C1. */
  private static int conditions(long quotient) {
    return ((quotient & 4) != 0 ? StatusWord.C0 : 0)
        | ((quotient & 2) != 0 ? StatusWord.C3 : 0)
        | ((quotient & 1) != 0 ? StatusWord.C1 : 0);
  }

  private static void exact(Result r, int sign, int exponent, long significand) {
    exactWide(r, sign, exponent, significand, 0);
  }

  private static void exactWide(Result r, int sign, int exponent, long high, long low) {
    if ((high | low) == 0) {
      r.setZero(sign);
      return;
    }
    int shift = Long.numberOfLeadingZeros(high);
    if (shift == 64) {
      int more = Long.numberOfLeadingZeros(low);
      r.roundFully(sign, exponent - 64 - more, low << more, 0);
    } else {
      long normalized = shift == 0 ? high : high << shift | low >>> 64 - shift;
      r.roundFully(sign, exponent - shift, normalized, low << shift);
    }
  }
}
