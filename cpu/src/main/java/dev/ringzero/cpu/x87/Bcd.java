package dev.ringzero.cpu.x87;

/**
 * Packed binary-coded decimal of 18 digits and a sign.
 *
 * @spec Intel SDM Vol. 1, "BCD and Packed BCD Integers"
 */
final class Bcd {
  static final long INDEFINITE_LOW = 0xC000_0000_0000_0000L;
  static final int INDEFINITE_HIGH = 0xFFFF;

  private static final long LIMIT = 1_000_000_000_000_000_000L;

  private Bcd() {}

  /**
   * Converts from BCD, exactly.
   *
   * @param low digits 0 to 15
   * @param high digits 16 and 17, and the sign in bit 15
   */
  static void load(Result r, long low, int high) {
    long value = (high >>> 4 & 15) * 10 + (high & 15);
    for (int shift = 60; shift >= 0; shift -= 4) {
      value = value * 10 + (low >>> shift & 15);
    }
    Conversion.fromInteger(r, value);
    r.signExponent |= high & Extended.SIGN;
  }

  /**
   * Rounds to an integer of 18 digits: the magnitude is left in the result's significand, the sign
   * in its exponent word.
   *
   * @return whether it fits; else the operation is invalid
   */
  static boolean toInteger(Result r, int signExponent, long significand) {
    long value = Conversion.toInteger(r, signExponent, significand, 64, false);
    if ((r.raised & StatusWord.IE) != 0 || Math.abs(value) >= LIMIT || value == Long.MIN_VALUE) {
      r.raised = 0;
      r.invalid();
      return false;
    }
    r.set(Extended.sign(signExponent), Math.abs(value));
    return true;
  }

  static long low(long magnitude) {
    long digits = 0;
    for (int shift = 0; shift < 64; shift += 4) {
      digits |= magnitude % 10 << shift;
      magnitude /= 10;
    }
    return digits;
  }

  static int high(long magnitude) {
    long rest = magnitude / 10_000_000_000_000_000L;
    return (int) (rest / 10 << 4 | rest % 10);
  }
}
