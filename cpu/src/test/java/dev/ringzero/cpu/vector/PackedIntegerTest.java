package dev.ringzero.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Test;

/** The arithmetic on whole quadwords against element by element. */
class PackedIntegerTest {
  private static final int ROUNDS = 2000;
  private static final long[] CORNERS = {
    0, -1, 0x7F80_0001_FF00_8001L, 0x8000_7FFF_0000_FFFFL, 0x8080_8080_7F7F_7F7FL, Long.MIN_VALUE,
  };

  private static void agrees(
      int width, LongBinaryOperator packed, IntBinaryOperator element, boolean signed) {
    SplittableRandom random = new SplittableRandom(width);
    for (int round = 0; round < ROUNDS; round++) {
      long a = round % 3 == 0 ? CORNERS[random.nextInt(CORNERS.length)] : random.nextLong();
      long b = round % 5 == 0 ? CORNERS[random.nextInt(CORNERS.length)] : random.nextLong();
      long expected = 0;
      for (int at = 0; at < 64; at += width) {
        int x = element(a, at, width, signed);
        int y = element(b, at, width, signed);
        expected |= (element.applyAsInt(x, y) & (1L << width) - 1) << at;
      }
      assertThat(packed.applyAsLong(a, b)).as("%x, %x", a, b).isEqualTo(expected);
    }
  }

  private static int element(long value, int at, int width, boolean signed) {
    long shifted = value << 64 - width - at;
    return (int) (signed ? shifted >> 64 - width : shifted >>> 64 - width);
  }

  @Test
  void sumsAndDifferencesWrapWithinElements() {
    agrees(8, (a, b) -> Packed.add(a, b, Packed.BYTES), Integer::sum, false);
    agrees(16, (a, b) -> Packed.subtract(a, b, Packed.WORDS), (x, y) -> x - y, false);
  }

  @Test
  void saturatedSumsStopAtTheBounds() {
    agrees(
        8,
        (a, b) -> Packed.addSaturated(a, b, Packed.BYTES),
        (x, y) -> Math.clamp(x + y, -128, 127),
        true);
    agrees(
        16,
        (a, b) -> Packed.subtractSaturated(a, b, Packed.WORDS),
        (x, y) -> Math.clamp(x - y, -32768, 32767),
        true);
    agrees(
        8,
        (a, b) -> Packed.addUnsignedSaturated(a, b, Packed.BYTES),
        (x, y) -> Math.min(x + y, 255),
        false);
    agrees(
        16,
        (a, b) -> Packed.subtractUnsignedSaturated(a, b, Packed.WORDS),
        (x, y) -> Math.max(x - y, 0),
        false);
  }

  @Test
  void comparisonsGiveMasks() {
    agrees(8, (a, b) -> Packed.equal(a, b, Packed.BYTES), (x, y) -> x == y ? -1 : 0, true);
    agrees(16, (a, b) -> Packed.greater(a, b, Packed.WORDS), (x, y) -> x > y ? -1 : 0, true);
  }

  @Test
  void leastAndGreatestAreChosenPerElement() {
    agrees(8, (a, b) -> Packed.minUnsigned(a, b, Packed.BYTES), Math::min, false);
    agrees(8, (a, b) -> Packed.maxSigned(a, b, Packed.BYTES), Math::max, true);
    agrees(16, (a, b) -> Packed.minSigned(a, b, Packed.WORDS), Math::min, true);
  }

  @Test
  void averagesRoundUp() {
    agrees(8, (a, b) -> Packed.average(a, b, Packed.BYTES), (x, y) -> x + y + 1 >> 1, false);
    agrees(16, (a, b) -> Packed.average(a, b, Packed.WORDS), (x, y) -> x + y + 1 >> 1, false);
  }

  @Test
  void shiftsBeyondTheElementGiveZerosOrSigns() {
    for (int count : new int[] {0, 1, 7, 15, 16, 64}) {
      agrees(
          16,
          (a, b) -> Packed.shiftLeft(a, count, Packed.WORDS),
          (x, y) -> count > 15 ? 0 : x << count,
          false);
      agrees(
          16,
          (a, b) -> Packed.shiftRightSigned(a, count, Packed.WORDS),
          (x, y) -> x >> Math.min(count, 15),
          true);
    }
  }
}
