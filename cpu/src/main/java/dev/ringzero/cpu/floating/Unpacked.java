package dev.ringzero.cpu.floating;

/**
 * A finite number taken apart: {@code ± high:low / 2^127 * 2^exponent}. A normalized one has the
 * top bit of {@code high} set; zero is all clear. 128 bits hold every exact sum that matters, with
 * the lowest bit sticky for what was shifted out, so that one rounding at the end is correct for
 * any precision up to 64 bits. Work is done in place: nothing is allocated.
 */
public final class Unpacked {
  public boolean negative;
  public int exponent;
  public long high;
  public long low;

  public void set(boolean negative, int exponent, long significand) {
    this.negative = negative;
    this.exponent = exponent;
    high = significand;
    low = 0;
    normalize();
  }

  /** Sets to an integer, given as magnitude. */
  public void setInteger(boolean negative, long magnitude) {
    set(negative, 63, magnitude);
  }

  public boolean isZero() {
    return (high | low) == 0;
  }

  public void normalize() {
    if (high == 0) {
      high = low;
      low = 0;
      exponent -= 64;
    }
    int shift = Long.numberOfLeadingZeros(high);
    if (shift != 0 && high != 0) {
      high = high << shift | low >>> 64 - shift;
      low <<= shift;
      exponent -= shift;
    }
  }

  /** Shifts right; bits that fall out stick in the lowest one. The exponent is left alone. */
  public void shiftRightSticky(int count) {
    if (count <= 0) {
      return;
    }
    if (count >= 128) {
      low = isZero() ? 0 : 1;
      high = 0;
    } else if (count >= 64) {
      long lost = low | (count == 64 ? 0 : high << 128 - count);
      low = count == 64 ? high : high >>> count - 64;
      high = 0;
      low |= sticky(lost);
    } else {
      long lost = low << 64 - count;
      low = low >>> count | high << 64 - count | sticky(lost);
      high >>>= count;
    }
  }

  private static long sticky(long lost) {
    return lost != 0 ? 1 : 0;
  }

  /**
   * This plus the other, which is used up; both are not zero. The sign of an exact zero is left.
   */
  public void add(Unpacked other) {
    shiftRightSticky(1);
    exponent++;
    other.shiftRightSticky(1);
    other.exponent++;
    int distance = exponent - other.exponent;
    if (distance >= 0) {
      other.shiftRightSticky(distance);
    } else {
      shiftRightSticky(-distance);
      exponent = other.exponent;
    }
    if (negative == other.negative) {
      addMagnitude(other);
    } else {
      subtractMagnitude(other);
    }
    normalize();
  }

  private void addMagnitude(Unpacked other) {
    long sum = low + other.low;
    high += other.high + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
    low = sum;
  }

  private void subtractMagnitude(Unpacked other) {
    long borrow = Long.compareUnsigned(low, other.low) < 0 ? 1 : 0;
    low -= other.low;
    high -= other.high + borrow;
    if (high < 0) {
      negative = !negative;
      low = -low;
      high = ~high + (low == 0 ? 1 : 0);
    }
  }

  /** This times the other; both are normalized and have at most 64 bits. */
  public void multiply(Unpacked other) {
    long upper = Math.unsignedMultiplyHigh(high, other.high);
    low = high * other.high;
    high = upper;
    exponent += other.exponent + 1;
    negative ^= other.negative;
    normalize();
  }

  /** This divided by the other; both are normalized and have at most 64 bits. */
  public void divide(Unpacked divisor) {
    long d = divisor.high;
    boolean below = Long.compareUnsigned(high, d) < 0;
    long upper = below ? high : high >>> 1;
    long lower = below ? 0 : high << 63;
    exponent -= divisor.exponent + (below ? 1 : 0);
    negative ^= divisor.negative;
    high = quotient(upper, lower, d);
    long remainder = lower - high * d;
    low = quotient(remainder, 0, d);
    low |= sticky(low * d);
  }

  /** {@code upper:lower / d} for {@code upper < d} and a normalized d, by two 32-bit digits. */
  private static long quotient(long upper, long lower, long d) {
    long first = digit(upper, lower >>> 32, d);
    long rest = (upper << 32) + (lower >>> 32) - first * d;
    long second = digit(rest, lower & 0xFFFF_FFFFL, d);
    return (first << 32) + second;
  }

  /** One digit of a long division: {@code (upper * 2^32 + next) / d}. */
  private static long digit(long upper, long next, long d) {
    long dHigh = d >>> 32;
    long dLow = d & 0xFFFF_FFFFL;
    long q = Long.divideUnsigned(upper, dHigh);
    long r = upper - q * dHigh;
    while (q > 0xFFFF_FFFFL || Long.compareUnsigned(q * dLow, (r << 32) + next) > 0) {
      q--;
      r += dHigh;
      if (r > 0xFFFF_FFFFL) {
        break;
      }
    }
    return q;
  }

  /** The square root of this, which is normalized, not negative and has at most 64 bits. */
  public void squareRoot() {
    boolean odd = (exponent & 1) != 0;
    long upper = odd ? high : high >>> 1; // the radicand: upper:lower
    long lower = odd ? 0 : high << 63;
    exponent = exponent >> 1;
    long root = floorOfRoot(upper, lower);
    long square = root * root;
    long remainderLow = lower - square;
    long borrow = Long.compareUnsigned(lower, square) < 0 ? 1 : 0;
    long remainderHigh = upper - Math.unsignedMultiplyHigh(root, root) - borrow;
    high = root;
    if ((remainderHigh | remainderLow) == 0) {
      low = 0;
    } else {
      boolean aboveHalf = remainderHigh != 0 || Long.compareUnsigned(remainderLow, root) > 0;
      low = aboveHalf ? 3L << 62 : 1L << 62;
    }
  }

  private static long floorOfRoot(long upper, long lower) {
    double approximation = Math.sqrt(unsigned(upper)) * 0x1p32;
    long root = approximation >= 0x1p64 ? -1L : (long) (approximation - 0x1p63) + Long.MIN_VALUE;
    for (int step = 0; step < 2; step++) {
      long square = root * root;
      long borrow = Long.compareUnsigned(lower, square) < 0 ? 1 : 0;
      long differenceHigh = upper - Math.unsignedMultiplyHigh(root, root) - borrow;
      double difference = differenceHigh * 0x1p64 + unsigned(lower - square);
      long correction = (long) (difference / (2 * unsigned(root)));
      long next = root + correction;
      boolean wrapped = correction > 0 && Long.compareUnsigned(next, root) < 0;
      root = wrapped ? -1L : next;
    }
    while (exceeds(root, upper, lower)) {
      root--;
    }
    while (root != -1L && !exceeds(root + 1, upper, lower)) {
      root++;
    }
    return root;
  }

  private static boolean exceeds(long root, long upper, long lower) {
    int comparison = Long.compareUnsigned(Math.unsignedMultiplyHigh(root, root), upper);
    return comparison != 0 ? comparison > 0 : Long.compareUnsigned(root * root, lower) > 0;
  }

  private static double unsigned(long value) {
    return value >= 0 ? value : (value >>> 1 | value & 1) * 2.0;
  }
}
