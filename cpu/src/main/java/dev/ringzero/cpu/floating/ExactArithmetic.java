package dev.ringzero.cpu.floating;

/**
 * Arithmetic on bit patterns of any {@link Format}, exact in result and flags for every operand and
 * every control. It is the reference; {@link DoubleArithmetic} and {@link SingleArithmetic} answer
 * the ordinary cases faster.
 *
 * @spec Intel SDM Vol. 1, "SIMD Floating-Point Exceptions"
 */
public final class ExactArithmetic {
  private ExactArithmetic() {}

  public static long add(Environment e, Format f, long a, long b) {
    if (f.isNan(a) || f.isNan(b)) {
      return Nans.propagate(e, f, a, b);
    }
    long x = operand(e, f, a);
    long y = operand(e, f, b);
    if (f.isInfinite(x) || f.isInfinite(y)) {
      if (f.isInfinite(x) && f.isInfinite(y) && x != y) {
        return invalid(e, f);
      }
      noteDenormals(e, f, x, y);
      return f.isInfinite(x) ? x : y;
    }
    noteDenormals(e, f, x, y);
    if (f.isZero(x) && f.isZero(y)) {
      return x == y ? x : f.zero(e.rounding() == Environment.DOWN);
    }
    f.unpack(x, e.first);
    f.unpack(y, e.second);
    return sum(e, f);
  }

  /** First plus second number under work, of which one may be zero. */
  private static long sum(Environment e, Format f) {
    Unpacked number = e.first;
    if (number.isZero()) {
      return f.pack(e, e.second);
    }
    if (!e.second.isZero()) {
      number.add(e.second);
      if (number.isZero()) {
        return f.zero(e.rounding() == Environment.DOWN);
      }
    }
    return f.pack(e, number);
  }

  public static long subtract(Environment e, Format f, long a, long b) {
    return f.isNan(b) ? Nans.propagate(e, f, a, b) : add(e, f, a, b ^ f.sign);
  }

  public static long multiply(Environment e, Format f, long a, long b) {
    if (f.isNan(a) || f.isNan(b)) {
      return Nans.propagate(e, f, a, b);
    }
    long x = operand(e, f, a);
    long y = operand(e, f, b);
    boolean negative = f.isNegative(x) != f.isNegative(y);
    if (f.isInfinite(x) || f.isInfinite(y)) {
      if (f.isZero(x) || f.isZero(y)) {
        return invalid(e, f);
      }
      noteDenormals(e, f, x, y);
      return f.infinity(negative);
    }
    noteDenormals(e, f, x, y);
    if (f.isZero(x) || f.isZero(y)) {
      return f.zero(negative);
    }
    f.unpack(x, e.first);
    f.unpack(y, e.second);
    e.first.multiply(e.second);
    return f.pack(e, e.first);
  }

  public static long divide(Environment e, Format f, long a, long b) {
    if (f.isNan(a) || f.isNan(b)) {
      return Nans.propagate(e, f, a, b);
    }
    long x = operand(e, f, a);
    long y = operand(e, f, b);
    boolean negative = f.isNegative(x) != f.isNegative(y);
    if (f.isInfinite(x) && f.isInfinite(y) || f.isZero(x) && f.isZero(y)) {
      return invalid(e, f);
    }
    if (f.isZero(y) && !f.isInfinite(x)) {
      e.raise(Environment.ZE);
      return f.infinity(negative);
    }
    noteDenormals(e, f, x, y);
    if (f.isInfinite(x)) {
      return f.infinity(negative);
    }
    if (f.isInfinite(y) || f.isZero(x)) {
      return f.zero(negative);
    }
    f.unpack(x, e.first);
    f.unpack(y, e.second);
    e.first.divide(e.second);
    return f.pack(e, e.first);
  }

  public static long squareRoot(Environment e, Format f, long a) {
    if (f.isNan(a)) {
      return Nans.propagate(e, f, a);
    }
    long x = operand(e, f, a);
    if (f.isZero(x)) {
      return x;
    }
    if (f.isNegative(x)) {
      return invalid(e, f);
    }
    if (f.isInfinite(x)) {
      return x;
    }
    noteDenormals(e, f, x, x);
    f.unpack(x, e.first);
    e.first.squareRoot();
    return f.pack(e, e.first);
  }

  /** {@code a * b + c}, rounded once. */
  public static long fusedMultiplyAdd(Environment e, Format f, long a, long b, long c) {
    if (f.isNan(a) || f.isNan(b) || f.isNan(c)) {
      return Nans.propagate(e, f, a, b, c);
    }
    long x = operand(e, f, a);
    long y = operand(e, f, b);
    long z = operand(e, f, c);
    boolean negative = f.isNegative(x) != f.isNegative(y);
    if (f.isInfinite(x) || f.isInfinite(y)) {
      boolean cancels = f.isInfinite(z) && f.isNegative(z) != negative;
      if (f.isZero(x) || f.isZero(y) || cancels) {
        return invalid(e, f);
      }
      noteDenormals(e, f, x, y);
      noteDenormals(e, f, z, z);
      return f.infinity(negative);
    }
    noteDenormals(e, f, x, y);
    noteDenormals(e, f, z, z);
    if (f.isInfinite(z)) {
      return z;
    }
    if (f.isZero(x) || f.isZero(y)) {
      return productIsZero(e, f, negative, z);
    }
    f.unpack(x, e.first);
    f.unpack(y, e.second);
    e.first.multiply(e.second);
    f.unpack(z, e.second);
    return sum(e, f);
  }

  private static long productIsZero(Environment e, Format f, boolean negative, long z) {
    if (!f.isZero(z)) {
      f.unpack(z, e.first);
      return f.pack(e, e.first);
    }
    return f.isNegative(z) == negative ? z : f.zero(e.rounding() == Environment.DOWN);
  }

  /** Rounds to an integral value in the same format; PE if that changes it. */
  public static long roundToIntegral(Environment e, Format f, long a) {
    if (f.isNan(a)) {
      return Nans.propagate(e, f, a);
    }
    long x = operand(e, f, a);
    if (f.isZero(x) || f.isInfinite(x)) {
      return x;
    }
    Unpacked number = e.first;
    f.unpack(x, number);
    if (number.exponent >= f.precision - 1) {
      return x;
    }
    if (toIntegral(e, number)) {
      e.raise(Environment.PE);
    }
    return number.isZero() ? f.zero(number.negative) : f.pack(e, number);
  }

  /**
   * Rounds a number to an integer.
   *
   * @return whether that changed it
   */
  static boolean toIntegral(Environment e, Unpacked number) {
    number.shiftRightSticky(63 - number.exponent);
    number.exponent = 63;
    boolean inexact = Rounding.toPrecision(e, number, 64);
    number.normalize();
    return inexact;
  }

  /** An operand as the operation sees it: DAZ makes denormals zeros. */
  static long operand(Environment e, Format f, long bits) {
    return e.denormalsAreZeros() && f.isDenormal(bits) ? bits & f.sign : bits;
  }

  static void noteDenormals(Environment e, Format f, long a, long b) {
    if (f.isDenormal(a) || f.isDenormal(b)) {
      e.raise(Environment.DE);
    }
  }

  static long invalid(Environment e, Format f) {
    e.raise(Environment.IE);
    return f.indefinite;
  }
}
