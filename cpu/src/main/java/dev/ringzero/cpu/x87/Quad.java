package dev.ringzero.cpu.x87;

/**
 * A floating-point number with a significand of 128 bits, in which transcendental functions are
 * worked out before they are rounded to 64. Mutable, so that nothing is allocated.
 *
 * <p>The value is high:low · 2^(exponent - 127), with the top bit of {@code high} set unless the
 * number is zero. Results are good to a few units of the last place.
 */
final class Quad {
  boolean negative;
  int exponent;
  long high, low;

  Quad() {}

  Quad(int exponent, long high, long low) {
    this.exponent = exponent;
    this.high = high;
    this.low = low;
  }

  static Quad of(long value) {
    Quad quad = new Quad();
    quad.set(value);
    return quad;
  }

  boolean isZero() {
    return high == 0;
  }

  void set(Quad other) {
    negative = other.negative;
    exponent = other.exponent;
    high = other.high;
    low = other.low;
  }

  void set(long value) {
    negative = value < 0;
    high = Math.abs(value);
    low = 0;
    exponent = 63;
    normalize();
  }

  /** A non-zero finite value of the extended format. */
  void set(int signExponent, long significand) {
    negative = Extended.sign(signExponent) != 0;
    exponent = Extended.normalExponent(signExponent, significand) - Extended.BIAS;
    high = Extended.normalSignificand(significand);
    low = 0;
  }

  void normalize() {
    if (high == 0) {
      high = low;
      low = 0;
      exponent -= 64;
    }
    if (high == 0) {
      return;
    }
    int shift = Long.numberOfLeadingZeros(high);
    if (shift != 0) {
      high = high << shift | low >>> 64 - shift;
      low <<= shift;
      exponent -= shift;
    }
  }

  void negate() {
    negative = !negative;
  }

  Quad multiply(Quad by) {
    if (isZero() || by.isZero()) {
      high = 0;
      low = 0;
      return this;
    }
    long middle = high * by.high;
    long sum = middle + Math.unsignedMultiplyHigh(high, by.low);
    long carry = Long.compareUnsigned(sum, middle) < 0 ? 1 : 0;
    middle = sum + Math.unsignedMultiplyHigh(low, by.high);
    carry += Long.compareUnsigned(middle, sum) < 0 ? 1 : 0;
    high = Math.unsignedMultiplyHigh(high, by.high) + carry;
    low = middle;
    exponent += by.exponent + 1;
    negative ^= by.negative;
    normalize();
    return this;
  }

  Quad add(Quad other) {
    return add(other, other.negative);
  }

  Quad subtract(Quad other) {
    return add(other, !other.negative);
  }

  private Quad add(Quad other, boolean otherNegative) {
    if (other.isZero()) {
      return this;
    }
    if (isZero()) {
      set(other);
      negative = otherNegative;
      return this;
    }
    long aHigh = high;
    long aLow = low;
    long bHigh = other.high;
    long bLow = other.low;
    int shift = exponent - other.exponent;
    boolean sign = negative;
    if (shift < 0 || shift == 0 && isBelow(aHigh, aLow, bHigh, bLow)) {
      long t = aHigh;
      aHigh = bHigh;
      bHigh = t;
      t = aLow;
      aLow = bLow;
      bLow = t;
      shift = -shift;
      exponent = other.exponent;
      sign = otherNegative;
    }
    boolean same = negative == otherNegative;
    bLow = shiftedLow(bHigh, bLow, shift);
    bHigh = shift < 64 ? bHigh >>> shift : 0;
    negative = sign;
    if (same) {
      sum(aHigh, aLow, bHigh, bLow);
    } else {
      low = aLow - bLow;
      high = aHigh - bHigh - (Long.compareUnsigned(aLow, bLow) < 0 ? 1 : 0);
      normalize();
    }
    return this;
  }

  private void sum(long aHigh, long aLow, long bHigh, long bLow) {
    low = aLow + bLow;
    long carry = Long.compareUnsigned(low, aLow) < 0 ? 1 : 0;
    long partial = aHigh + bHigh;
    boolean over = Long.compareUnsigned(partial, aHigh) < 0;
    high = partial + carry;
    over |= carry != 0 && high == 0;
    if (over) {
      low = low >>> 1 | high << 63;
      high = high >>> 1 | Long.MIN_VALUE;
      exponent++;
    }
  }

  private static long shiftedLow(long high, long low, int shift) {
    if (shift == 0) {
      return low;
    }
    if (shift < 64) {
      return low >>> shift | high << 64 - shift;
    }
    return shift < 128 ? high >>> shift - 64 : 0;
  }

  private static boolean isBelow(long aHigh, long aLow, long bHigh, long bLow) {
    int order = Long.compareUnsigned(aHigh, bHigh);
    return order < 0 || order == 0 && Long.compareUnsigned(aLow, bLow) < 0;
  }

  /** Whether the magnitude is below that of the other. */
  boolean isBelow(Quad other) {
    if (isZero() || other.isZero()) {
      return isZero() && !other.isZero();
    }
    return exponent != other.exponent
        ? exponent < other.exponent
        : isBelow(high, low, other.high, other.low);
  }

  Quad divide(Quad by) {
    if (isZero()) {
      return this;
    }
    long restHigh = high;
    long restLow = low;
    exponent -= by.exponent;
    negative ^= by.negative;
    long quotientHigh = 0;
    long quotientLow = 0;
    boolean carry = false; // the rest has a bit above its 128
    for (int bit = 127; bit >= 0; bit--) {
      if (carry || !isBelow(restHigh, restLow, by.high, by.low)) {
        restHigh -= by.high + (Long.compareUnsigned(restLow, by.low) < 0 ? 1 : 0);
        restLow -= by.low;
        if (bit >= 64) {
          quotientHigh |= 1L << bit;
        } else {
          quotientLow |= 1L << bit;
        }
      }
      carry = restHigh < 0;
      restHigh = restHigh << 1 | restLow >>> 63;
      restLow <<= 1;
    }
    high = quotientHigh;
    low = quotientLow;
    normalize();
    return this;
  }

  /** Multiplies by a power of two. */
  Quad scale(int power) {
    exponent += power;
    return this;
  }

  /** Rounds into a result; a value that is not exact has its lowest bit set for that. */
  void round(Result r, boolean exact) {
    int sign = negative ? Extended.SIGN : 0;
    if (isZero()) {
      r.setZero(sign);
    } else {
      r.roundFully(sign, exponent + Extended.BIAS, high, exact ? low : low | 1);
    }
  }
}
