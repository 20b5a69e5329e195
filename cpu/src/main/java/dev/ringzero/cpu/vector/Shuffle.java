package dev.ringzero.cpu.vector;

/**
 * Elements put in another order, narrowed, widened or taken in pairs: 64 bits of the result each.
 */
public final class Shuffle {
  private static final long LOW = 0xFFFF_FFFFL;

  private Shuffle() {}

  // Interleaving and widening of the low 32 bits

  private static long spreadWords(long a) {
    return (a | a << 16) & 0x0000_FFFF_0000_FFFFL;
  }

  private static long spreadBytes(long a) {
    long words = spreadWords(a & LOW);
    return (words | words << 8) & 0x00FF_00FF_00FF_00FFL;
  }

  public static long interleaveBytes(long a, long b) {
    return spreadBytes(a) | spreadBytes(b) << 8;
  }

  public static long interleaveWords(long a, long b) {
    return spreadWords(a & LOW) | spreadWords(b & LOW) << 16;
  }

  public static long interleaveDwords(long a, long b) {
    return a & LOW | b << 32;
  }

  public static long zeroExtendBytesToWords(long a) {
    return spreadBytes(a);
  }

  public static long signExtendBytesToWords(long a) {
    long words = spreadBytes(a);
    return words | (words & 0x0080_0080_0080_0080L) * 0x1FE;
  }

  public static long zeroExtendBytesToDwords(long a) {
    return a & 0xFF | (a & 0xFF00) << 24;
  }

  public static long signExtendBytesToDwords(long a) {
    return (byte) a & LOW | (long) (byte) (a >> 8) << 32;
  }

  public static long signExtendWordsToDwords(long a) {
    return (short) a & LOW | (long) (short) (a >> 16) << 32;
  }

  public static long zeroExtendWordsToDwords(long a) {
    return a & 0xFFFF | (a & 0xFFFF_0000L) << 16;
  }

  // Narrowing: two longs of wide elements to one of narrow ones

  public static long packSignedBytes(long a, long b) {
    return signedBytes(a) | signedBytes(b) << 32;
  }

  private static long signedBytes(long words) {
    long result = 0;
    for (int n = 0; n < 4; n++) {
      long word = (short) (words >> 16 * n);
      result |= (Math.clamp(word, Byte.MIN_VALUE, Byte.MAX_VALUE) & 0xFFL) << 8 * n;
    }
    return result;
  }

  public static long packUnsignedBytes(long a, long b) {
    return unsignedBytes(a) | unsignedBytes(b) << 32;
  }

  private static long unsignedBytes(long words) {
    long result = 0;
    for (int n = 0; n < 4; n++) {
      long word = (short) (words >> 16 * n);
      result |= (long) Math.clamp(word, 0, 0xFF) << 8 * n;
    }
    return result;
  }

  public static long packSignedWords(long a, long b) {
    return signedWord((int) a)
        | signedWord((int) (a >> 32)) << 16
        | signedWord((int) b) << 32
        | signedWord((int) (b >> 32)) << 48;
  }

  private static long signedWord(int dword) {
    return Math.clamp(dword, Short.MIN_VALUE, Short.MAX_VALUE) & 0xFFFFL;
  }

  public static long packUnsignedWords(long a, long b) {
    return unsignedWord((int) a)
        | unsignedWord((int) (a >> 32)) << 16
        | unsignedWord((int) b) << 32
        | unsignedWord((int) (b >> 32)) << 48;
  }

  private static long unsignedWord(int dword) {
    return Math.clamp(dword, 0, 0xFFFF);
  }

  // Selection by a control

  /** PSHUFB: each byte of the control chooses one of the lane's, or zero. */
  public static long bytes(long low, long high, long control) {
    long result = 0;
    for (int n = 0; n < 64; n += 8) {
      int c = (int) (control >>> n);
      if ((c & 0x80) == 0) {
        long from = (c & 8) == 0 ? low : high;
        result |= (from >>> (c & 7) * 8 & 0xFF) << n;
      }
    }
    return result;
  }

  /** Two dwords of a lane, chosen by two bits each. */
  public static long dwords(long low, long high, int control) {
    return dword(low, high, control) | dword(low, high, control >> 2) << 32;
  }

  /** One of the four dwords of a lane. */
  public static long dword(long low, long high, int n) {
    return ((n & 2) == 0 ? low : high) >>> (n & 1) * 32 & LOW;
  }

  /** Four words, chosen by two bits each. */
  public static long words(long a, int control) {
    return a >>> (control & 3) * 16 & 0xFFFF
        | (a >>> (control >> 2 & 3) * 16 & 0xFFFF) << 16
        | (a >>> (control >> 4 & 3) * 16 & 0xFFFF) << 32
        | a >>> (control >> 6 & 3) * 16 << 48;
  }

  /** 64 bits from byte {@code at} of the 32 bytes {@code aHigh:aLow:bHigh:bLow}; zeros above. */
  public static long align(long aLow, long aHigh, long bLow, long bHigh, int at) {
    long lower = quadword(aLow, aHigh, bLow, bHigh, at >> 3);
    int shift = (at & 7) * 8;
    if (shift == 0) {
      return lower;
    }
    return lower >>> shift | quadword(aLow, aHigh, bLow, bHigh, (at >> 3) + 1) << 64 - shift;
  }

  private static long quadword(long aLow, long aHigh, long bLow, long bHigh, int n) {
    return switch (n) {
      case 0 -> bLow;
      case 1 -> bHigh;
      case 2 -> aLow;
      case 3 -> aHigh;
      default -> 0;
    };
  }

  /** Low 64 bits of a lane shifted left by bytes. */
  public static long shiftLeftLow(long low, int count) {
    return count < 8 ? low << count * 8 : 0;
  }

  public static long shiftLeftHigh(long low, long high, int count) {
    if (count == 0) {
      return high;
    }
    if (count < 8) {
      return high << count * 8 | low >>> 64 - count * 8;
    }
    return count < 16 ? low << (count - 8) * 8 : 0;
  }

  public static long shiftRightLow(long low, long high, int count) {
    return align(0, 0, low, high, Math.min(count, 32));
  }

  public static long shiftRightHigh(long high, int count) {
    return count < 8 ? high >>> count * 8 : 0;
  }

  // Choice between two sources

  /** By the sign bit of each element of the mask. */
  public static long blend(long a, long b, long mask, long signs) {
    long chosen = Packed.expand(mask & signs, signs);
    return a & ~chosen | b & chosen;
  }

  /** By a bit of the immediate for each of four words. */
  public static long blendWords(long a, long b, int bits) {
    long chosen =
        ((bits & 1) | (bits & 2) << 15 | (long) (bits & 4) << 30 | (long) (bits & 8) << 45)
            * 0xFFFF;
    return a & ~chosen | b & chosen;
  }

  /** By a bit of the immediate for each of two dwords. */
  public static long blendDwords(long a, long b, int bits) {
    long chosen = (bits & 1 | (long) (bits & 2) << 31) * LOW;
    return a & ~chosen | b & chosen;
  }

  // Neighbours in pairs

  public static long addPairsOfWords(long a, long b) {
    return interleavePairs(a, b, 1, false);
  }

  public static long subtractPairsOfWords(long a, long b) {
    return interleavePairs(a, b, -1, false);
  }

  public static long addPairsOfWordsSaturated(long a, long b) {
    return interleavePairs(a, b, 1, true);
  }

  public static long subtractPairsOfWordsSaturated(long a, long b) {
    return interleavePairs(a, b, -1, true);
  }

  private static long interleavePairs(long a, long b, int sign, boolean saturated) {
    return pair(a, sign, saturated)
        | pair(a >> 32, sign, saturated) << 16
        | pair(b, sign, saturated) << 32
        | pair(b >> 32, sign, saturated) << 48;
  }

  private static long pair(long a, int sign, boolean saturated) {
    long sum = (short) a + sign * (short) (a >> 16);
    return (saturated ? Packed.saturateWord(sum) : sum) & 0xFFFF;
  }

  public static long addPairsOfDwords(long a, long b) {
    return a + (a >>> 32) & LOW | b + (b >>> 32) << 32;
  }

  public static long subtractPairsOfDwords(long a, long b) {
    return a - (a >>> 32) & LOW | b - (b >>> 32) << 32;
  }

  /** MPSADBW: four sums of absolute differences of four bytes, from byte {@code at} of the lane. */
  public static long sumsOfDifferences(long aLow, long aHigh, int at, long four) {
    long result = 0;
    for (int n = 0; n < 4; n++) {
      long window = align(0, 0, aLow, aHigh, at + n) & LOW;
      result |= Packed.sumOfDifferences(window, four) << 16 * n;
    }
    return result;
  }

  /** PHMINPOSUW: the least unsigned word, and its place above it. */
  public static long leastWord(long low, long high) {
    long least = 0xFFFF;
    long place = 0;
    for (int n = 7; n >= 0; n--) {
      long word = (n < 4 ? low : high) >>> (n & 3) * 16 & 0xFFFF;
      if (word <= least) {
        least = word;
        place = n;
      }
    }
    return least | place << 16;
  }
}
