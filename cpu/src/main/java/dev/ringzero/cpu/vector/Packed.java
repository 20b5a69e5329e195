package dev.ringzero.cpu.vector;

/**
 * Arithmetic on the integer elements of 64 bits at once. An element width is given by its sign
 * bits: one of {@link #BYTES}, {@link #WORDS}, {@link #DWORDS}, {@link #QWORDS}.
 */
public final class Packed {
  public static final long BYTES = 0x8080_8080_8080_8080L;
  public static final long WORDS = 0x8000_8000_8000_8000L;
  public static final long DWORDS = 0x8000_0000_8000_0000L;
  public static final long QWORDS = 0x8000_0000_0000_0000L;

  private static final long LOW = 0xFFFF_FFFFL;

  private Packed() {}

  public static long add(long a, long b, long signs) {
    return (a & ~signs) + (b & ~signs) ^ (a ^ b) & signs;
  }

  public static long subtract(long a, long b, long signs) {
    return (a | signs) - (b & ~signs) ^ (a ^ ~b) & signs;
  }

  /** All ones in each element whose sign bit is set in {@code chosen}, which has no other bits. */
  public static long expand(long chosen, long signs) {
    int shift = Long.numberOfTrailingZeros(signs);
    return chosen - (chosen >>> shift) | chosen;
  }

  public static long equal(long a, long b, long signs) {
    long difference = a ^ b;
    long nonZero = (difference & ~signs) + ~signs | difference;
    return expand(~nonZero & signs, signs);
  }

  /** All ones where {@code a > b}, signed. */
  public static long greater(long a, long b, long signs) {
    return lessUnsigned(b ^ signs, a ^ signs, signs);
  }

  private static long lessUnsigned(long a, long b, long signs) {
    long difference = subtract(a, b, signs);
    return expand((~a & b | ~(a ^ b) & difference) & signs, signs);
  }

  private static long choose(long mask, long a, long b) {
    return a & mask | b & ~mask;
  }

  public static long minUnsigned(long a, long b, long signs) {
    return choose(lessUnsigned(a, b, signs), a, b);
  }

  public static long maxUnsigned(long a, long b, long signs) {
    return choose(lessUnsigned(a, b, signs), b, a);
  }

  public static long minSigned(long a, long b, long signs) {
    return choose(greater(a, b, signs), b, a);
  }

  public static long maxSigned(long a, long b, long signs) {
    return choose(greater(a, b, signs), a, b);
  }

  public static long addUnsignedSaturated(long a, long b, long signs) {
    long sum = add(a, b, signs);
    return sum | expand((a & b | (a | b) & ~sum) & signs, signs);
  }

  public static long subtractUnsignedSaturated(long a, long b, long signs) {
    long difference = subtract(a, b, signs);
    return difference & ~expand((~a & b | ~(a ^ b) & difference) & signs, signs);
  }

  public static long addSaturated(long a, long b, long signs) {
    long sum = add(a, b, signs);
    long overflowed = expand(~(a ^ b) & (a ^ sum) & signs, signs);
    return choose(overflowed, bound(a, signs), sum);
  }

  public static long subtractSaturated(long a, long b, long signs) {
    long difference = subtract(a, b, signs);
    long overflowed = expand((a ^ b) & (a ^ difference) & signs, signs);
    return choose(overflowed, bound(a, signs), difference);
  }

  /** The greatest or least signed value, with the sign that the element has. */
  private static long bound(long a, long signs) {
    return ~signs ^ expand(a & signs, signs);
  }

  /** Average of unsigned elements, rounded up. */
  public static long average(long a, long b, long signs) {
    return subtract(a | b, (a ^ b) >>> 1 & ~signs, signs);
  }

  public static long absolute(long a, long signs) {
    long negative = expand(a & signs, signs);
    return subtract(a ^ negative, negative, signs);
  }

  /** Each element of {@code a} negated, zeroed or kept by the sign of {@code b}'s. */
  public static long sign(long a, long b, long signs) {
    long negative = expand(b & signs, signs);
    return subtract(a ^ negative, negative, signs) & ~equal(b, 0, signs);
  }

  // Products of 16-bit elements

  private static long word(long a, int n) {
    return (short) (a >> 16 * n);
  }

  private static long unsignedWord(long a, int n) {
    return a >>> 16 * n & 0xFFFF;
  }

  private static long words(long w0, long w1, long w2, long w3) {
    return w0 & 0xFFFF | (w1 & 0xFFFF) << 16 | (w2 & 0xFFFF) << 32 | w3 << 48;
  }

  public static long multiplyLowWords(long a, long b) {
    return words(
        word(a, 0) * word(b, 0),
        word(a, 1) * word(b, 1),
        word(a, 2) * word(b, 2),
        word(a, 3) * word(b, 3));
  }

  public static long multiplyHighWords(long a, long b) {
    return words(
        word(a, 0) * word(b, 0) >> 16,
        word(a, 1) * word(b, 1) >> 16,
        word(a, 2) * word(b, 2) >> 16,
        word(a, 3) * word(b, 3) >> 16);
  }

  public static long multiplyHighUnsignedWords(long a, long b) {
    return words(
        unsignedWord(a, 0) * unsignedWord(b, 0) >> 16,
        unsignedWord(a, 1) * unsignedWord(b, 1) >> 16,
        unsignedWord(a, 2) * unsignedWord(b, 2) >> 16,
        unsignedWord(a, 3) * unsignedWord(b, 3) >> 16);
  }

  public static long multiplyHighRoundedWords(long a, long b) {
    return words(
        (word(a, 0) * word(b, 0) >> 14) + 1 >> 1,
        (word(a, 1) * word(b, 1) >> 14) + 1 >> 1,
        (word(a, 2) * word(b, 2) >> 14) + 1 >> 1,
        (word(a, 3) * word(b, 3) >> 14) + 1 >> 1);
  }

  /** Products of words, neighbours added to dwords. */
  public static long multiplyAddWords(long a, long b) {
    long low = word(a, 0) * word(b, 0) + word(a, 1) * word(b, 1);
    long high = word(a, 2) * word(b, 2) + word(a, 3) * word(b, 3);
    return low & LOW | high << 32;
  }

  /** Products of unsigned with signed bytes, neighbours added to words with saturation. */
  public static long multiplyAddBytes(long a, long b) {
    return words(
        byteSum(a, b),
        byteSum(a >> 16, b >> 16),
        byteSum(a >> 32, b >> 32),
        byteSum(a >> 48, b >> 48));
  }

  private static long byteSum(long a, long b) {
    return saturateWord((a & 0xFF) * (byte) b + (a >> 8 & 0xFF) * (byte) (b >> 8));
  }

  public static long saturateWord(long value) {
    return Math.clamp(value, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  // Products of 32-bit elements

  public static long multiplyUnsignedDwords(long a, long b) {
    return (a & LOW) * (b & LOW);
  }

  public static long multiplySignedDwords(long a, long b) {
    return (long) (int) a * (int) b;
  }

  public static long multiplyLowDwords(long a, long b) {
    return a * b & LOW | (a >>> 32) * (b >>> 32) << 32;
  }

  /** Sum of absolute differences of eight unsigned bytes. */
  public static long sumOfDifferences(long a, long b) {
    long less = lessUnsigned(a, b, BYTES);
    long differences = subtract(choose(less, b, a), choose(less, a, b), BYTES);
    long lowBytes = 0x00FF_00FF_00FF_00FFL;
    long pairs = (differences & lowBytes) + (differences >>> 8 & lowBytes);
    return pairs * 0x0001_0001_0001_0001L >>> 48;
  }

  // Shifts

  /** Left; a count beyond the element gives zero. */
  public static long shiftLeft(long a, long count, long signs) {
    int width = Long.numberOfTrailingZeros(signs) + 1;
    if (Long.compareUnsigned(count, width) >= 0) {
      return 0;
    }
    long lowest = signs >>> width - 1;
    return a << count & ~(lowest * ((1L << count) - 1));
  }

  /** Right, zeros coming in. */
  public static long shiftRight(long a, long count, long signs) {
    int width = Long.numberOfTrailingZeros(signs) + 1;
    if (Long.compareUnsigned(count, width) >= 0) {
      return 0;
    }
    long ones = ~0L >>> 64 - width;
    long lowest = signs >>> width - 1;
    return a >>> count & lowest * (ones >>> count);
  }

  /** Right, copies of the sign coming in; a count beyond the element gives its sign. */
  public static long shiftRightSigned(long a, long count, long signs) {
    int width = Long.numberOfTrailingZeros(signs) + 1;
    long limited = Long.compareUnsigned(count, width) >= 0 ? width - 1 : count;
    long ones = ~0L >>> 64 - width;
    long lowest = signs >>> width - 1;
    long kept = lowest * (ones >>> limited);
    return a >>> limited & kept | expand(a & signs, signs) & ~kept;
  }

  /** Each dword by its own count. */
  public static long shiftLeftDwords(long a, long b) {
    long low = (b & LOW) < 32 ? a << b & LOW : 0;
    long high = b >>> 32 < 32 ? a >>> 32 << (b >>> 32) << 32 : 0;
    return low | high;
  }

  public static long shiftRightDwords(long a, long b) {
    long low = (b & LOW) < 32 ? (a & LOW) >>> b : 0;
    long high = b >>> 32 < 32 ? a >>> 32 >>> (b >>> 32) << 32 : 0;
    return low | high;
  }

  public static long shiftRightSignedDwords(long a, long b) {
    long low = (int) a >> Math.min(b & LOW, 31);
    long high = (int) (a >> 32) >> Math.min(b >>> 32, 31);
    return low & LOW | high << 32;
  }

  // Masks of sign bits

  public static long signBytes(long a) {
    return (a >>> 7 & 0x0101_0101_0101_0101L) * 0x0102_0408_1020_4080L >>> 56;
  }

  public static long signDwords(long a) {
    return a >>> 31 & 1 | a >>> 62 & 2;
  }

  public static long signQword(long a) {
    return a >>> 63;
  }
}
