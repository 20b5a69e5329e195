package dev.ringzero.cpu.floating;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.floating.ReferenceRounding.Rounded;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Results and flags of finite arithmetic against exact rational numbers, in all rounding modes. */
class ArithmeticReferenceTest {
  private static final int ROUNDS = 20_000;
  private static final int MASKED = 0x1F80;

  private interface Operation {
    long apply(Environment e, long a, long b, long c);
  }

  private interface Exact {
    ReferenceRounding apply(ReferenceRounding a, ReferenceRounding b, ReferenceRounding c);
  }

  private static void agrees(Format f, Operation operation, Exact exact) {
    SplittableRandom random = new SplittableRandom(f.precision);
    Environment e = new Environment();
    for (int round = 0; round < ROUNDS; round++) {
      int mode = round & 3;
      long a = finite(random, f);
      long b = finite(random, f);
      long c = finite(random, f);
      ReferenceRounding value =
          exact.apply(
              ReferenceRounding.of(f, a), ReferenceRounding.of(f, b), ReferenceRounding.of(f, c));
      if (value == null || value.isZero()) {
        continue;
      }
      e.begin(MASKED | mode << 13);
      long result = operation.apply(e, a, b, c);
      Rounded expected = value.round(f, mode);
      assertThat(result).as("%x, %x, %x in mode %d", a, b, c, mode).isEqualTo(expected.bits());
      assertThat(e.flags & ~Environment.DE)
          .as("flags of %x, %x, %x in mode %d", a, b, c, mode)
          .isEqualTo(expected.flags());
    }
  }

  /** Numbers that are near each other, near the ends of the range, or have few bits. */
  private static long finite(SplittableRandom random, Format f) {
    long fraction =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> 1L << random.nextInt(f.precision - 1);
          case 2 -> -1L << random.nextInt(f.precision - 1);
          default -> random.nextLong();
        };
    long exponent =
        switch (random.nextInt(4)) {
          case 0 -> random.nextInt(3);
          case 1 -> f.bias - 2 + random.nextInt(5);
          case 2 -> 2L * f.bias - random.nextInt(3);
          default -> random.nextInt(2 * f.bias + 1);
        };
    long sign = random.nextBoolean() ? f.sign : 0;
    return sign | exponent << f.precision - 1 | fraction & f.fractionMask;
  }

  @Test
  void sumsAreExact() {
    agrees(Format.DOUBLE, (e, a, b, c) -> DoubleArithmetic.add(e, a, b), (a, b, c) -> a.plus(b));
    agrees(Format.SINGLE, (e, a, b, c) -> SingleArithmetic.add(e, a, b), (a, b, c) -> a.plus(b));
  }

  @Test
  void productsAreExact() {
    agrees(
        Format.DOUBLE, (e, a, b, c) -> DoubleArithmetic.multiply(e, a, b), (a, b, c) -> a.times(b));
    agrees(
        Format.SINGLE, (e, a, b, c) -> SingleArithmetic.multiply(e, a, b), (a, b, c) -> a.times(b));
  }

  @Test
  void quotientsAreExact() {
    agrees(
        Format.DOUBLE,
        (e, a, b, c) -> DoubleArithmetic.divide(e, a, b),
        (a, b, c) -> b.isZero() ? null : a.over(b));
    agrees(
        Format.SINGLE,
        (e, a, b, c) -> SingleArithmetic.divide(e, a, b),
        (a, b, c) -> b.isZero() ? null : a.over(b));
  }

  @Test
  void squareRootsAreExact() {
    agrees(
        Format.SINGLE,
        (e, a, b, c) -> SingleArithmetic.squareRoot(e, a & Integer.MAX_VALUE),
        (a, b, c) -> absolute(a).squareRoot());
  }

  @Test
  void squareRootsOfDoublesAreExact() {
    SplittableRandom random = new SplittableRandom(7);
    Environment e = new Environment();
    for (int round = 0; round < 500; round++) {
      long a = finite(random, Format.DOUBLE) & Long.MAX_VALUE;
      if (a == 0) {
        continue;
      }
      int mode = round & 3;
      e.begin(MASKED | mode << 13);
      long result = DoubleArithmetic.squareRoot(e, a);
      Rounded expected =
          ReferenceRounding.of(Format.DOUBLE, a).squareRoot().round(Format.DOUBLE, mode);
      assertThat(result).as("root of %x in mode %d", a, mode).isEqualTo(expected.bits());
      assertThat(e.flags & Environment.PE).isEqualTo(expected.flags());
    }
  }

  private static ReferenceRounding absolute(ReferenceRounding a) {
    return new ReferenceRounding(a.numerator().abs(), a.denominator());
  }

  @Test
  void fusedProductsAndSumsAreRoundedOnce() {
    agrees(Format.DOUBLE, DoubleArithmetic::fusedMultiplyAdd, (a, b, c) -> a.times(b).plus(c));
    agrees(Format.SINGLE, SingleArithmetic::fusedMultiplyAdd, (a, b, c) -> a.times(b).plus(c));
  }

  @Test
  void doublesBecomeSinglesAsTheModeSays() {
    SplittableRandom random = new SplittableRandom(3);
    Environment e = new Environment();
    for (int round = 0; round < ROUNDS; round++) {
      int mode = round & 3;
      long single = finite(random, Format.SINGLE);
      long a =
          Double.doubleToRawLongBits(Float.intBitsToFloat((int) single))
              + (random.nextInt() & 0x3FFF_FFFF);
      e.begin(MASKED | mode << 13);
      long result = Conversions.doubleToSingle(e, a);
      if (a << 1 == 0) {
        continue;
      }
      Rounded expected = ReferenceRounding.of(Format.DOUBLE, a).round(Format.SINGLE, mode);
      assertThat(result).as("%x in mode %d", a, mode).isEqualTo(expected.bits());
      assertThat(e.flags & ~Environment.DE).isEqualTo(expected.flags());
    }
  }

  @Test
  void toNearestTheResultsAreJavas() {
    SplittableRandom random = new SplittableRandom(11);
    Environment e = new Environment();
    for (int round = 0; round < ROUNDS; round++) {
      long a = finite(random, Format.DOUBLE);
      long b = finite(random, Format.DOUBLE);
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      e.begin(MASKED);
      assertThat(Double.longBitsToDouble(ExactArithmetic.add(e, Format.DOUBLE, a, b)))
          .isEqualTo(x + y);
      assertThat(Double.longBitsToDouble(ExactArithmetic.multiply(e, Format.DOUBLE, a, b)))
          .isEqualTo(x * y);
    }
  }
}
