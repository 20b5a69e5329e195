package dev.ringzero.cpu.floating;

import java.math.BigInteger;

/**
 * Exact rational numbers and how IEEE 754 rounds them, written for clearness alone: what the fast
 * and the exact arithmetic are compared with.
 */
record ReferenceRounding(BigInteger numerator, BigInteger denominator) {
  /** A rounded result: its bits and the exceptions. */
  record Rounded(long bits, int flags) {}

  static ReferenceRounding of(Format f, long bits) {
    int exponent = (int) ((bits & f.exponentMask) >>> f.precision - 1);
    long fraction = bits & f.fractionMask;
    long significand = exponent == 0 ? fraction : fraction | f.fractionMask + 1;
    int power = Math.max(exponent, 1) - f.bias - f.precision + 1;
    BigInteger magnitude = BigInteger.valueOf((bits & f.sign) != 0 ? -significand : significand);
    return power >= 0
        ? new ReferenceRounding(magnitude.shiftLeft(power), BigInteger.ONE)
        : new ReferenceRounding(magnitude, BigInteger.ONE.shiftLeft(-power));
  }

  ReferenceRounding plus(ReferenceRounding other) {
    return new ReferenceRounding(
        numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
        denominator.multiply(other.denominator));
  }

  ReferenceRounding times(ReferenceRounding other) {
    return new ReferenceRounding(
        numerator.multiply(other.numerator), denominator.multiply(other.denominator));
  }

  ReferenceRounding over(ReferenceRounding other) {
    BigInteger n = numerator.multiply(other.denominator);
    BigInteger d = denominator.multiply(other.numerator);
    return d.signum() < 0
        ? new ReferenceRounding(n.negate(), d.negate())
        : new ReferenceRounding(n, d);
  }

  /** The square root, cut far beyond any format's precision, with a sticky last bit. */
  ReferenceRounding squareRoot() {
    int scale = 2400;
    BigInteger scaled = numerator.shiftLeft(2 * scale);
    BigInteger[] quotient = scaled.divideAndRemainder(denominator);
    BigInteger[] root = quotient[0].sqrtAndRemainder();
    boolean exact = root[1].signum() == 0 && quotient[1].signum() == 0;
    BigInteger sticky = root[0].shiftLeft(1).add(exact ? BigInteger.ZERO : BigInteger.ONE);
    return new ReferenceRounding(sticky, BigInteger.ONE.shiftLeft(scale + 1));
  }

  boolean isZero() {
    return numerator.signum() == 0;
  }

  /** Rounds a number that is not zero, with all exceptions masked. */
  Rounded round(Format f, int mode) {
    boolean negative = numerator.signum() < 0;
    BigInteger magnitude = numerator.abs();
    int exponent = magnitude.bitLength() - denominator.bitLength();
    if (scaled(magnitude, -exponent).compareTo(scaled(denominator, exponent)) < 0) {
      exponent--;
    }
    BigInteger[] unbounded = significand(magnitude, exponent, f.precision, negative, mode);
    boolean carried = unbounded[0].bitLength() > f.precision;
    boolean tiny = exponent + (carried ? 1 : 0) < 1 - f.bias;
    int quantumExponent = tiny ? 1 - f.bias : exponent;
    BigInteger[] result = significand(magnitude, quantumExponent, f.precision, negative, mode);
    boolean inexact = result[1].signum() != 0;
    long significand = result[0].longValueExact();
    if (significand > 2 * f.fractionMask + 1) {
      significand >>= 1;
      quantumExponent++;
    }
    int flags = inexact ? Environment.PE | (tiny ? Environment.UE : 0) : 0;
    long sign = negative ? f.sign : 0;
    if (quantumExponent > f.bias) {
      return new Rounded(overflowed(f, mode, negative), flags | Environment.OE | Environment.PE);
    }
    long biased = significand > f.fractionMask ? quantumExponent + f.bias : 0;
    return new Rounded(sign | biased << f.precision - 1 | significand & f.fractionMask, flags);
  }

  private static long overflowed(Format f, int mode, boolean negative) {
    boolean infinite =
        mode == Environment.NEAREST || mode == (negative ? Environment.DOWN : Environment.UP);
    return (negative ? f.sign : 0) | (infinite ? f.exponentMask : f.exponentMask - 1);
  }

  private static BigInteger scaled(BigInteger value, int power) {
    return power >= 0 ? value.shiftLeft(power) : value;
  }

  /** The significand in units of the last place, and the remainder. */
  private BigInteger[] significand(
      BigInteger magnitude, int exponent, int precision, boolean negative, int mode) {
    int power = precision - 1 - exponent;
    BigInteger n = power >= 0 ? magnitude.shiftLeft(power) : magnitude;
    BigInteger d = power >= 0 ? denominator : denominator.shiftLeft(-power);
    BigInteger[] parts = n.divideAndRemainder(d);
    int half = parts[1].shiftLeft(1).compareTo(d);
    boolean up =
        switch (mode) {
          case Environment.NEAREST -> half > 0 || half == 0 && parts[0].testBit(0);
          case Environment.DOWN -> negative && parts[1].signum() != 0;
          case Environment.UP -> !negative && parts[1].signum() != 0;
          default -> false;
        };
    return new BigInteger[] {up ? parts[0].add(BigInteger.ONE) : parts[0], parts[1]};
  }
}
