package dev.ringzero.cpu.floating;

/**
 * The one place where exact numbers become representable ones, for any precision up to 64 bits and
 * any exponent range.
 *
 * @spec Intel SDM Vol. 1, "Rounding", "Numeric Overflow Exception (#O)", "Numeric Underflow
 *     Exception (#U)"
 */
public final class Rounding {
  private Rounding() {}

  /** What came of a rounding; the number itself is finite only in the first case. */
  public enum Result {
    FINITE,
    INFINITE,
    LARGEST
  }

  /**
   * Rounds a normalized number or zero and raises OE, UE and PE. After it a FINITE number has at
   * most {@code precision} significant bits at the top of {@code high}; a denormal has exponent
   * {@code smallest} and a clear top bit.
   *
   * @param smallest least exponent of a normal number
   * @param largest greatest exponent
   */
  public static Result round(
      Environment environment, Unpacked number, int precision, int smallest, int largest) {
    if (number.isZero()) {
      number.exponent = smallest;
      return Result.FINITE;
    }
    if (number.exponent < smallest && isTiny(environment, number, precision, smallest)) {
      underflow(environment, number, precision, smallest);
      return Result.FINITE;
    }
    boolean inexact = toPrecision(environment, number, precision);
    if (number.exponent > largest) {
      return overflow(environment, number.negative, inexact);
    }
    if (inexact) {
      environment.raise(Environment.PE);
    }
    return Result.FINITE;
  }

  /** Tininess is detected after rounding to an unbounded exponent. */
  private static boolean isTiny(
      Environment environment, Unpacked number, int precision, int smallest) {
    if (number.exponent < smallest - 1) {
      return true;
    }
    long ulp = 1L << 64 - precision;
    boolean allOnes = (number.high | ulp - 1) == -1L;
    return !allOnes || !roundsUp(environment, number, precision);
  }

  /** Unmasked, the number keeps its exponent: there is an exception instead of a result. */
  private static void underflow(
      Environment environment, Unpacked number, int precision, int smallest) {
    if (environment.flushesToZero()) {
      environment.raise(Environment.UE | Environment.PE);
      number.high = 0;
      number.low = 0;
      return;
    }
    if (!environment.underflowMasked()) {
      boolean inexact = toPrecision(environment, number, precision);
      environment.raise(inexact ? Environment.UE | Environment.PE : Environment.UE);
      return;
    }
    number.shiftRightSticky(smallest - number.exponent);
    number.exponent = smallest;
    if (toPrecision(environment, number, precision)) {
      environment.raise(Environment.UE | Environment.PE);
    }
  }

  /** Unmasked, OE goes with PE only if the rounding to an unbounded exponent was inexact. */
  private static Result overflow(Environment environment, boolean negative, boolean inexact) {
    environment.raise(Environment.OE);
    if (inexact || environment.overflowMasked()) {
      environment.raise(Environment.PE);
    }
    boolean infinite =
        switch (environment.rounding()) {
          case Environment.NEAREST -> true;
          case Environment.DOWN -> negative;
          case Environment.UP -> !negative;
          default -> false;
        };
    return infinite ? Result.INFINITE : Result.LARGEST;
  }

  /**
   * Rounds the significand to its upper bits, whatever the exponent; a carry out of the top raises
   * the exponent.
   *
   * @return whether that lost something
   */
  public static boolean toPrecision(Environment environment, Unpacked number, int precision) {
    boolean up = roundsUp(environment, number, precision);
    boolean inexact = rest(number, precision) != 0;
    long ulp = 1L << 64 - precision;
    number.high &= -ulp;
    number.low = 0;
    if (up) {
      number.high += ulp;
      if (number.high == 0) {
        number.high = Long.MIN_VALUE;
        number.exponent++;
      }
    }
    return inexact;
  }

  private static boolean roundsUp(Environment environment, Unpacked number, int precision) {
    long rest = rest(number, precision);
    if (rest == 0) {
      return false;
    }
    return switch (environment.rounding()) {
      case Environment.NEAREST ->
          rest < 0 && (rest != Long.MIN_VALUE || (number.high >>> 64 - precision & 1) != 0);
      case Environment.DOWN -> number.negative;
      case Environment.UP -> !number.negative;
      default -> false;
    };
  }

  /** What lies below the last place, as a fraction of it: one half is the top bit. */
  private static long rest(Unpacked number, int precision) {
    if (precision == 64) {
      return number.low;
    }
    return number.high << precision | (number.low != 0 ? 1 : 0);
  }
}
