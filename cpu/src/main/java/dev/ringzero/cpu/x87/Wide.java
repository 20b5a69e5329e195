package dev.ringzero.cpu.x87;

/** Unsigned 128-bit integers as two longs. */
final class Wide {
  private static final long LOW = 0xFFFF_FFFFL;

  private Wide() {}

  /**
   * Quotient of high:low by a divisor whose top bit is set.
   *
   * @param high below the divisor, so that the quotient fits
   */
  static long divide(long high, long low, long divisor) {
    long divisorHigh = divisor >>> 32;
    long divisorLow = divisor & LOW;
    long first = digit(high, low >>> 32, divisor, divisorHigh, divisorLow);
    long rest = (high << 32 | low >>> 32) - first * divisor;
    long second = digit(rest, low & LOW, divisor, divisorHigh, divisorLow);
    return first << 32 | second;
  }

  /** One 32-bit digit of the quotient of (high · 2^32 + next) by the divisor. */
  private static long digit(long high, long next, long divisor, long divisorHigh, long divisorLow) {
    long digit = Long.divideUnsigned(high, divisorHigh);
    long rest = high - digit * divisorHigh;
    while (digit > LOW || Long.compareUnsigned(digit * divisorLow, rest << 32 | next) > 0) {
      digit--;
      rest += divisorHigh;
      if (rest > LOW) {
        break;
      }
    }
    return digit;
  }

  /** Integer square root of high:low. */
  static long squareRoot(long high, long low) {
    long root = 0;
    for (int bit = 63; bit >= 0; bit--) {
      long trial = root | 1L << bit;
      long squareHigh = Math.unsignedMultiplyHigh(trial, trial);
      int order = Long.compareUnsigned(squareHigh, high);
      if (order < 0 || order == 0 && Long.compareUnsigned(trial * trial, low) <= 0) {
        root = trial;
      }
    }
    return root;
  }
}
