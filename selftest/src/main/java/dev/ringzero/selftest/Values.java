package dev.ringzero.selftest;

import java.util.random.RandomGenerator;

/** Values at which arithmetic tends to go wrong, mixed with plain random ones. */
final class Values {
  private static final long[] DOUBLES = {
    0x0000_0000_0000_0000L, // zero
    0x8000_0000_0000_0000L,
    0x0000_0000_0000_0001L, // denormals
    0x800F_FFFF_FFFF_FFFFL,
    0x0008_0000_0000_0000L,
    0x0010_0000_0000_0000L, // smallest normals
    0x0010_0000_0000_0001L,
    0x7FEF_FFFF_FFFF_FFFFL, // largest
    0xFFEF_FFFF_FFFF_FFFFL,
    0x7FF0_0000_0000_0000L, // infinities
    0xFFF0_0000_0000_0000L,
    0x7FF8_0000_0000_0000L, // QNaNs
    0xFFF8_0000_0000_0000L,
    0x7FFF_FFFF_FFFF_FFFFL,
    0x7FF0_0000_0000_0001L, // SNaNs
    0xFFF7_1234_5678_9ABCL,
    0x3FF0_0000_0000_0000L, // one
    0xBFF0_0000_0000_0000L,
    0x3FF0_0000_0000_0001L,
    0x3FE0_0000_0000_0000L, // a half
    0x3FDF_FFFF_FFFF_FFFFL,
    0x41DF_FFFF_FFC0_0000L, // 2^31 - 1
    0x41E0_0000_0000_0000L,
    0xC1E0_0000_0020_0000L,
    0x43E0_0000_0000_0000L, // 2^63
    0xC3E0_0000_0000_0000L,
    0x4330_0000_0000_0001L, // 2^52 + 1
    0x4008_0000_0000_0000L, // 3
    0x47EF_FFFF_E000_0000L, // largest single
    0x47EF_FFFF_F000_0000L,
    0x380F_FFFF_C000_0000L, // below the smallest normal single
    0x36A0_0000_0000_0000L
  };

  private static final int[] SINGLES = {
    0x0000_0000, 0x8000_0000, 0x0000_0001, 0x807F_FFFF, 0x0040_0000, 0x0080_0000, 0x0080_0001,
    0x7F7F_FFFF, 0xFF7F_FFFF, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_0000, 0x7FFF_FFFF,
    0x7F80_0001, 0xFFB1_2345, 0x3F80_0000, 0xBF80_0000, 0x3F80_0001, 0x3F00_0000, 0x3EFF_FFFF,
    0x4EFF_FFFF, 0x4F00_0000, 0xCF00_0000, 0x5F00_0000, 0x4B00_0001, 0x4040_0000, 0x4700_0000,
    0x477F_E000, 0x4780_0000, 0x3880_0000, 0x3300_0000
  };

  private final RandomGenerator random;

  Values(RandomGenerator random) {
    this.random = random;
  }

  long integer() {
    return switch (random.nextInt(8)) {
      case 0 -> random.nextInt(33) - 16;
      case 1, 2 -> (1L << random.nextInt(64)) + random.nextInt(3) - 1;
      case 3 -> -(1L << random.nextInt(64)) + random.nextInt(3) - 1;
      case 4 -> random.nextLong() >>> random.nextInt(64);
      default -> random.nextLong();
    };
  }

  long bits64() {
    return switch (random.nextInt(6)) {
      case 0, 1 -> doubleBits();
      case 2, 3 -> singleBits() & 0xFFFF_FFFFL | (long) singleBits() << 32;
      case 4 -> packed();
      default -> integer();
    };
  }

  long doubleBits() {
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> DOUBLES[random.nextInt(DOUBLES.length)];
      case 3 -> Double.doubleToRawLongBits(random.nextInt(2001) - 1000);
      case 4 -> Double.doubleToRawLongBits((random.nextDouble() - 0.5) * 8);
      case 5 -> random.nextLong() & 0x800F_FFFF_FFFF_FFFFL | (long) exponent(1023, 40) << 52;
      default -> random.nextLong();
    };
  }

  int singleBits() {
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> SINGLES[random.nextInt(SINGLES.length)];
      case 3 -> Float.floatToRawIntBits(random.nextInt(2001) - 1000);
      case 4 -> Float.floatToRawIntBits((random.nextFloat() - 0.5f) * 8);
      case 5 -> random.nextInt() & 0x807F_FFFF | exponent(127, 20) << 23;
      default -> random.nextInt();
    };
  }

  private int exponent(int bias, int around) {
    return bias + random.nextInt(2 * around) - around;
  }

  private long packed() {
    return switch (random.nextInt(3)) {
      case 0 -> random.nextInt(256) * 0x0101_0101_0101_0101L;
      case 1 -> 0x8000_7FFF_8001_FFFFL ^ integer();
      default -> 0x807F_FF01_0080_7F81L ^ random.nextLong() & 0x0101_0101_0101_0101L;
    };
  }

  /** Sign and exponent of an 80-bit value; {@link #significand} gives the matching rest. */
  int signExponent() {
    int sign = random.nextInt(4) == 0 ? 0x8000 : 0;
    return sign
        | switch (random.nextInt(10)) {
          case 0 -> 0;
          case 1 -> 0x7FFF;
          case 2 -> random.nextInt(4);
          case 3 -> 0x7FFE - random.nextInt(3);
          case 4 -> random.nextInt(0x8000);
          case 5 -> 0x3FFF + random.nextInt(70);
          case 6 -> 0x3FFF;
          default -> exponent(0x3FFF, 12);
        };
  }

  long significand(int signExponent) {
    long fraction =
        switch (random.nextInt(6)) {
          case 0 -> 0;
          case 1 -> integer();
          case 2 -> random.nextLong() << 32 + random.nextInt(31);
          case 3 -> random.nextLong() << 11;
          default -> random.nextLong();
        };
    boolean unnormal = random.nextInt(40) == 0;
    boolean denormal = (signExponent & 0x7FFF) == 0 && random.nextInt(8) != 0;
    return unnormal || denormal ? fraction & Long.MAX_VALUE : fraction | Long.MIN_VALUE;
  }
}
