package dev.ringzero.cpu.x87;

/**
 * Between the extended format and the others. What comes in keeps a signalling NaN as it is; what
 * goes out is rounded.
 *
 * @spec Intel SDM Vol. 1, "Real Numbers and Floating-Point Formats"
 */
final class Conversion {
  static final long INTEGER_INDEFINITE = Long.MIN_VALUE;

  private Conversion() {}

  /** Widens a 32-bit float; notes a denormal, which is normalized. */
  static void fromSingle(Result r, long bits) {
    widen(
        r,
        (int) (bits >>> 16) & Extended.SIGN,
        (int) (bits >>> 23) & 0xFF,
        bits << 41 >>> 1,
        0xFF,
        127);
  }

  /** Widens a 64-bit float; notes a denormal, which is normalized. */
  static void fromDouble(Result r, long bits) {
    widen(
        r,
        (int) (bits >>> 48) & Extended.SIGN,
        (int) (bits >>> 52) & 0x7FF,
        bits << 12 >>> 1,
        0x7FF,
        1023);
  }

  /**
   * Widens fields of a narrow format.
   *
   * @param fraction left-justified below the integer bit
   */
  private static void widen(
      Result r, int sign, int exponent, long fraction, int maximum, int bias) {
    if (exponent == maximum) {
      r.set(sign | Extended.MAXIMUM, fraction | Extended.INTEGER_BIT);
    } else if (exponent != 0) {
      r.set(sign | exponent - bias + Extended.BIAS, fraction | Extended.INTEGER_BIT);
    } else if (fraction == 0) {
      r.setZero(sign);
    } else {
      r.denormalInMemory = true;
      int shift = Long.numberOfLeadingZeros(fraction);
      r.set(sign | 1 - bias + Extended.BIAS - shift, fraction << shift);
    }
  }

  /** Converts a signed integer, exactly. */
  static void fromInteger(Result r, long value) {
    if (value == 0) {
      r.setZero(0);
      return;
    }
    long magnitude = Math.abs(value); // the least value is its own magnitude, unsigned
    int shift = Long.numberOfLeadingZeros(magnitude);
    r.set((value < 0 ? Extended.SIGN : 0) | Extended.BIAS + 63 - shift, magnitude << shift);
  }

  /** Rounds to a 32-bit float; its exceptions are in the result. */
  static long toSingle(Result r, int signExponent, long significand) {
    narrow(r, signExponent, significand, Format.SINGLE);
    return pack(r, Format.SINGLE, 8);
  }

  /** Rounds to a 64-bit float; its exceptions are in the result. */
  static long toDouble(Result r, int signExponent, long significand) {
    narrow(r, signExponent, significand, Format.DOUBLE);
    return pack(r, Format.DOUBLE, 11);
  }

  private static void narrow(Result r, int signExponent, long significand, Format format) {
    int sign = Extended.sign(signExponent);
    if (!Extended.isNormal(signExponent, significand)) {
      if (Arithmetic.nanOrUnsupported(r, signExponent, significand)) {
        r.signExponent = Extended.sign(r.signExponent) | format.maximum + 1;
        return;
      }
      if (Extended.isInfinity(signExponent, significand)) {
        r.set(sign | format.maximum + 1, significand);
        return;
      }
      if (Extended.isZero(signExponent, significand)) {
        r.set(sign | format.minimum, 0);
        return;
      }
    }
    r.round(
        sign,
        Extended.normalExponent(signExponent, significand),
        Extended.normalSignificand(significand),
        0,
        format,
        format.precision);
  }

  private static long pack(Result r, Format format, int exponentBits) {
    long sign = r.signExponent >>> 15;
    long exponent =
        r.significand < 0 ? (r.signExponent & Extended.MAXIMUM) - format.minimum + 1 : 0;
    int fractionBits = format.precision - 1;
    long fraction = r.significand << 1 >>> 64 - fractionBits;
    return sign << exponentBits + fractionBits
        | (exponent & (1L << exponentBits) - 1) << fractionBits
        | fraction;
  }

  /**
   * Rounds to a signed integer of a width; out of range is invalid and gives the integer
   * indefinite.
   *
   * @param bits 16, 32 or 64
   * @param truncate rounds toward zero whatever the control word says
   */
  static long toInteger(Result r, int signExponent, long significand, int bits, boolean truncate) {
    long indefinite = INTEGER_INDEFINITE >> 64 - bits;
    if (Extended.isZero(signExponent, significand)) {
      return 0;
    }
    int exponent = Extended.exponent(signExponent) - Extended.BIAS;
    if (exponent > 63 || Extended.isUnsupported(signExponent, significand)) {
      r.invalid();
      return indefinite;
    }
    int sign = Extended.sign(signExponent);
    int shift = 63 - exponent;
    long magnitude = shift < 64 ? significand >>> shift : 0;
    long fraction = shift == 0 ? 0 : Result.shiftRightLow(significand, 0, shift);
    boolean up = !truncate && r.roundsUpToInteger(sign, magnitude, fraction);
    if (up) {
      magnitude++;
    }
    long limit = sign != 0 ? 1L << bits - 1 : (1L << bits - 1) - 1;
    if (Long.compareUnsigned(magnitude, limit) > 0 || up && magnitude == 0) {
      r.invalid();
      return indefinite;
    }
    if (fraction != 0) {
      r.raised |= up ? StatusWord.PE | StatusWord.C1 : StatusWord.PE;
    }
    return sign != 0 ? -magnitude : magnitude;
  }

  /** Rounds to an integral value in the extended format (FRNDINT). */
  static void toIntegral(Result r, int signExponent, long significand) {
    int exponent = Extended.exponent(signExponent) - Extended.BIAS;
    int sign = Extended.sign(signExponent);
    if (!Extended.isNormal(signExponent, significand)) {
      if (Arithmetic.nanOrUnsupported(r, signExponent, significand)) {
        return;
      }
      r.noteDenormal(signExponent, significand);
    }
    if (exponent >= 63 || significand == 0) {
      r.set(signExponent, significand);
      return;
    }
    int shift = 63 - exponent;
    long integer = shift < 64 ? significand >>> shift : 0;
    long fraction = Result.shiftRightLow(significand, 0, shift);
    boolean up = r.roundsUpToInteger(sign, integer, fraction);
    int raised = r.raised;
    fromInteger(r, up ? integer + 1 : integer);
    if (up && integer + 1 == Long.MIN_VALUE) {
      r.signExponent &= Extended.MAXIMUM;
    }
    r.signExponent |= sign;
    r.raised = raised | (fraction == 0 ? 0 : up ? StatusWord.PE | StatusWord.C1 : StatusWord.PE);
  }
}
