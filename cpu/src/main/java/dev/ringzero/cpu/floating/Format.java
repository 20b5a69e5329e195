package dev.ringzero.cpu.floating;

/**
 * A binary interchange format with a hidden integer bit. Values are bit patterns in the low bits of
 * a long.
 *
 * @spec IEEE 754-2008, "Binary interchange format encodings"
 */
public final class Format {
  public static final Format HALF = new Format(11, 5);
  public static final Format SINGLE = new Format(24, 8);
  public static final Format DOUBLE = new Format(53, 11);

  /** Bits of the significand with the hidden one. */
  public final int precision;

  public final int bias;
  public final long sign;
  public final long exponentMask;
  public final long fractionMask;

  /** Most significant fraction bit: set in quiet NaNs. */
  public final long quiet;

  /** The NaN of invalid operations: QNaN floating-point indefinite. */
  public final long indefinite;

  private Format(int precision, int exponentBits) {
    this.precision = precision;
    bias = (1 << exponentBits - 1) - 1;
    sign = 1L << precision + exponentBits - 1;
    fractionMask = (1L << precision - 1) - 1;
    exponentMask = sign - 1 & ~fractionMask;
    quiet = 1L << precision - 2;
    indefinite = sign | exponentMask | quiet;
  }

  long magnitude(long bits) {
    return bits & sign - 1;
  }

  boolean isNegative(long bits) {
    return (bits & sign) != 0;
  }

  boolean isZero(long bits) {
    return magnitude(bits) == 0;
  }

  boolean isInfinite(long bits) {
    return magnitude(bits) == exponentMask;
  }

  boolean isNan(long bits) {
    return magnitude(bits) > exponentMask;
  }

  boolean isSignaling(long bits) {
    return isNan(bits) && (bits & quiet) == 0;
  }

  boolean isDenormal(long bits) {
    return (bits & exponentMask) == 0 && (bits & fractionMask) != 0;
  }

  long zero(boolean negative) {
    return negative ? sign : 0;
  }

  long infinity(boolean negative) {
    return negative ? sign | exponentMask : exponentMask;
  }

  long largest(boolean negative) {
    return infinity(negative) - 1;
  }

  /** Takes a finite number apart; denormals come out normalized. */
  void unpack(long bits, Unpacked into) {
    int exponent = (int) ((bits & exponentMask) >>> precision - 1);
    long fraction = bits & fractionMask;
    into.negative = isNegative(bits);
    into.low = 0;
    into.high = (exponent == 0 ? fraction << 1 : fraction | fractionMask + 1) << 64 - precision;
    into.exponent = exponent - bias;
    into.normalize();
  }

  /** Rounds a number to this format, raising what that raises. */
  long pack(Environment environment, Unpacked number) {
    return switch (Rounding.round(environment, number, precision, 1 - bias, bias)) {
      case FINITE -> assemble(number);
      case INFINITE -> infinity(number.negative);
      case LARGEST -> largest(number.negative);
    };
  }

  /** Exponent and significand are in range; a clear top bit means denormal. */
  private long assemble(Unpacked number) {
    long significand = number.high >>> 64 - precision;
    long exponent = significand > fractionMask ? number.exponent + bias : 0;
    return zero(number.negative) | exponent << precision - 1 | significand & fractionMask;
  }
}
