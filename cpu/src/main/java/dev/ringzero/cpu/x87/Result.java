package dev.ringzero.cpu.x87;

/**
 * The result of a floating-point operation while it is made: the value, and the exceptions that it
 * raised. Each {@link X87} has one, so that nothing is allocated.
 *
 * @spec Intel SDM Vol. 1, "x87 FPU Floating-Point Exception Conditions"
 */
final class Result {
  /** Sign and exponent; may hold an exponent below that of the extended format's range. */
  int signExponent;

  long significand;

  /** Exceptions as {@link StatusWord} bits, and C1 if the significand was rounded up. */
  int raised;

  /** The control word under which the operation runs. */
  int controlWord;

  /** An operand that was denormal in memory, but is not so in the extended format. */
  boolean denormalInMemory;

  void start(int controlWord) {
    this.controlWord = controlWord;
    raised = 0;
    denormalInMemory = false;
  }

  void set(int signExponent, long significand) {
    this.signExponent = signExponent;
    this.significand = significand;
  }

  /** An operand as it is, not rounded; a pseudo-denormal becomes the normal value that it is. */
  void setExact(int signExponent, long significand) {
    boolean pseudoDenormal = significand < 0 && Extended.exponent(signExponent) == 0;
    set(pseudoDenormal ? signExponent | 1 : signExponent, significand);
  }

  void setZero(int sign) {
    set(sign, 0);
  }

  void setInfinity(int sign) {
    set(sign | Extended.MAXIMUM, Extended.INTEGER_BIT);
  }

  /** An invalid operation: the result is the indefinite QNaN. */
  void invalid() {
    raised |= StatusWord.IE;
    set(Extended.INDEFINITE, Extended.INDEFINITE_SIGNIFICAND);
  }

  /** Notes a denormal operand. */
  void noteDenormal(int signExponent, long significand) {
    if (denormalInMemory || Extended.isDenormal(signExponent, significand)) {
      raised |= StatusWord.DE;
    }
  }

  int rounding() {
    return ControlWord.rounding(controlWord);
  }

  /** Sign of an exact zero that is the difference of equal values. */
  int signOfDifference() {
    return rounding() == ControlWord.DOWN ? Extended.SIGN : 0;
  }

  /** Whether an unmasked exception keeps the operation from being carried out. */
  boolean suppressed() {
    return (raised & ~controlWord & StatusWord.BEFORE_COMPUTATION) != 0;
  }

  /**
   * Rounds to the extended format with the precision of the control word.
   *
   * @param sign {@link Extended#SIGN} or 0
   * @param exponent biased; any
   * @param high normalized: its integer bit is set
   * @param low bits below {@code high}; the lowest may stand for all further ones
   */
  void roundByControl(int sign, int exponent, long high, long low) {
    round(sign, exponent, high, low, Format.EXTENDED, ControlWord.precision(controlWord));
  }

  /** Rounds to the extended format with its full precision. */
  void roundFully(int sign, int exponent, long high, long low) {
    round(sign, exponent, high, low, Format.EXTENDED, 64);
  }

  /**
   * Rounds to a format. The value is left in {@link #signExponent} and {@link #significand}, always
   * with the extended format's bias: a denormal of the format has its least exponent and a clear
   * integer bit, except that it has exponent 0 in the extended format; infinity has the format's
   * largest exponent plus one.
   */
  void round(int sign, int exponent, long high, long low, Format format, int precision) {
    if (exponent < format.minimum) {
      exponent = underflow(sign, exponent, high, low, format, precision);
      if (exponent == DENORMAL) {
        return;
      }
    }
    long kept = high & -1L << (64 - precision);
    long fraction = fraction(high, low, precision);
    boolean up = roundsUp(sign, kept, fraction, precision);
    if (up) {
      kept += 1L << (64 - precision);
      if (kept == 0) {
        kept = Extended.INTEGER_BIT;
        exponent++;
      }
    }
    if (exponent > format.maximum) {
      raised |= StatusWord.OE;
      exponent -= format.adjustment;
      if ((controlWord & StatusWord.OE) != 0) {
        overflow(sign, format, precision);
        return;
      }
      if (exponent > format.maximum) {
        raised |= StatusWord.PE | StatusWord.C1;
        set(sign | format.maximum + 1, Extended.INTEGER_BIT);
        return;
      }
    }
    noteInexact(fraction, up);
    set(sign | exponent & Extended.MAXIMUM, kept);
  }

  private static final int DENORMAL = Integer.MIN_VALUE;

  /** Handles a value below the normal range; returns the exponent to go on with, or DENORMAL. */
  private int underflow(int sign, int exponent, long high, long low, Format format, int precision) {
    if (exponent == format.minimum - 1 && reachesNextPower(sign, high, low, precision)) {
      return denormalize(sign, exponent, high, low, format, precision, false);
    }
    if ((controlWord & StatusWord.UE) == 0) {
      raised |= StatusWord.UE;
      if (exponent + format.adjustment >= format.minimum) {
        return exponent + format.adjustment;
      }
      raised |= StatusWord.PE;
      setZero(sign);
      return DENORMAL;
    }
    return denormalize(sign, exponent, high, low, format, precision, true);
  }

  /** Tininess is found after rounding: whether the rounded value is no longer below the range. */
  private boolean reachesNextPower(int sign, long high, long low, int precision) {
    long kept = high & -1L << (64 - precision);
    return roundsUp(sign, kept, fraction(high, low, precision), precision)
        && kept + (1L << (64 - precision)) == 0;
  }

  private int denormalize(
      int sign, int exponent, long high, long low, Format format, int precision, boolean tiny) {
    int shift = format.minimum - exponent;
    long shiftedLow = shiftRightLow(high, low, shift);
    long shiftedHigh = shift < 64 ? high >>> shift : 0;
    long kept = shiftedHigh & -1L << (64 - precision);
    long fraction = fraction(shiftedHigh, shiftedLow, precision);
    boolean up = roundsUp(sign, kept, fraction, precision);
    if (up) {
      kept += 1L << (64 - precision);
    }
    noteInexact(fraction, up);
    if (tiny && fraction != 0) {
      raised |= StatusWord.UE;
    }
    int least = format == Format.EXTENDED && kept >= 0 ? 0 : format.minimum;
    set(sign | least, kept);
    return DENORMAL;
  }

  private void overflow(int sign, Format format, int precision) {
    raised |= StatusWord.PE;
    boolean toInfinity =
        switch (rounding()) {
          case ControlWord.NEAREST -> true;
          case ControlWord.DOWN -> sign != 0;
          case ControlWord.UP -> sign == 0;
          default -> false;
        };
    if (toInfinity) {
      raised |= StatusWord.C1;
      set(sign | format.maximum + 1, Extended.INTEGER_BIT);
    } else {
      set(sign | format.maximum, -1L << (64 - precision));
    }
  }

  private void noteInexact(long fraction, boolean up) {
    if (fraction != 0) {
      raised |= up ? StatusWord.PE | StatusWord.C1 : StatusWord.PE;
    }
  }

  /** The bits below the precision, left-justified, with a sticky lowest bit. */
  private static long fraction(long high, long low, int precision) {
    return precision == 64 ? low : high << precision | (low != 0 ? 1 : 0);
  }

  private boolean roundsUp(int sign, long kept, long fraction, int precision) {
    if (fraction == 0) {
      return false;
    }
    return switch (rounding()) {
      case ControlWord.NEAREST ->
          fraction < 0 && (fraction != Long.MIN_VALUE || (kept >>> (64 - precision) & 1) != 0);
      case ControlWord.DOWN -> sign != 0;
      case ControlWord.UP -> sign == 0;
      default -> false;
    };
  }

  /** The low word of high:low shifted right by 1 or more, with a sticky lowest bit. */
  static long shiftRightLow(long high, long low, int shift) {
    if (shift < 64) {
      return high << (64 - shift) | low >>> shift | (low << (64 - shift) != 0 ? 1 : 0);
    }
    if (shift == 64) {
      return high | (low != 0 ? 1 : 0);
    }
    if (shift < 128) {
      return high >>> (shift - 64) | (high << (128 - shift) != 0 || low != 0 ? 1 : 0);
    }
    return (high | low) != 0 ? 1 : 0;
  }

  /**
   * Whether a magnitude rounds up to the next integer.
   *
   * @param fraction bits below the integer, left-justified, sticky
   */
  boolean roundsUpToInteger(int sign, long integer, long fraction) {
    return roundsUp(sign, integer, fraction, 64);
  }
}
