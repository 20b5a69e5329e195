package dev.ringzero.cpu.floating;

import static dev.ringzero.cpu.floating.Environment.DE;
import static dev.ringzero.cpu.floating.Environment.IE;
import static dev.ringzero.cpu.floating.Environment.PE;
import static dev.ringzero.cpu.floating.Environment.UE;
import static dev.ringzero.cpu.floating.Environment.ZE;
import static dev.ringzero.cpu.floating.Format.DOUBLE;
import static dev.ringzero.cpu.floating.Format.SINGLE;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 1, "Rules for Handling NaNs", "SIMD Floating-Point Exceptions". */
class SpecialValuesTest {
  private static final int MASKED = 0x1F80;
  private static final long ONE = Double.doubleToRawLongBits(1);
  private static final long INFINITY = 0x7FFL << 52;
  private static final long QUIET = 0x7FF8_0000_0000_0123L;
  private static final long SIGNALING = 0xFFF0_0000_0000_0456L;
  private static final long INDEFINITE = 0xFFF8_0000_0000_0000L;
  private static final long SIGN = Long.MIN_VALUE;

  private final Environment e = new Environment();

  private Environment begin() {
    e.begin(MASKED);
    return e;
  }

  @Test
  void theFirstNanComesThroughMadeQuiet() {
    assertThat(DoubleArithmetic.add(begin(), QUIET, SIGNALING)).isEqualTo(QUIET);
    assertThat(e.flags).isEqualTo(IE);
    assertThat(DoubleArithmetic.subtract(begin(), SIGNALING, QUIET))
        .isEqualTo(0xFFF8_0000_0000_0456L);
    assertThat(DoubleArithmetic.multiply(begin(), ONE, QUIET)).isEqualTo(QUIET);
    assertThat(e.flags).isZero();
    assertThat(DoubleArithmetic.subtract(begin(), ONE, QUIET)).isEqualTo(QUIET);
  }

  @Test
  void invalidOperationsGiveTheIndefinite() {
    assertThat(DoubleArithmetic.subtract(begin(), INFINITY, INFINITY)).isEqualTo(INDEFINITE);
    assertThat(DoubleArithmetic.multiply(begin(), 0, INFINITY)).isEqualTo(INDEFINITE);
    assertThat(DoubleArithmetic.divide(begin(), 0, 0)).isEqualTo(INDEFINITE);
    assertThat(DoubleArithmetic.squareRoot(begin(), ONE | SIGN)).isEqualTo(INDEFINITE);
    assertThat(e.flags).isEqualTo(IE);
    assertThat(DoubleArithmetic.squareRoot(begin(), SIGN)).isEqualTo(SIGN);
    assertThat(e.flags).isZero();
  }

  @Test
  void divisionByZeroIsAnExceptionOfItsOwn() {
    assertThat(DoubleArithmetic.divide(begin(), ONE | SIGN, 0)).isEqualTo(INFINITY | SIGN);
    assertThat(e.flags).isEqualTo(ZE);
    assertThat(DoubleArithmetic.divide(begin(), INFINITY, 0)).isEqualTo(INFINITY);
    assertThat(e.flags).isZero();
  }

  @Test
  void zerosOfOppositeSignAddToPlusZeroUnlessRoundingDown() {
    assertThat(DoubleArithmetic.add(begin(), 0, SIGN)).isZero();
    e.begin(MASKED | Environment.DOWN << 13);
    assertThat(DoubleArithmetic.add(e, 0, SIGN)).isEqualTo(SIGN);
    e.begin(MASKED | Environment.DOWN << 13);
    assertThat(DoubleArithmetic.subtract(e, ONE, ONE)).isEqualTo(SIGN);
  }

  @Test
  void denormalsAreNotedOrTakenAsZeros() {
    assertThat(DoubleArithmetic.add(begin(), 1, ONE)).isEqualTo(ONE);
    assertThat(e.flags).isEqualTo(DE | PE);
    e.begin(MASKED | Environment.DAZ);
    assertThat(DoubleArithmetic.add(e, 1, ONE)).isEqualTo(ONE);
    assertThat(e.flags).isZero();
  }

  @Test
  void tinyResultsAreFlushedWhileUnderflowIsMasked() {
    long small = 0x0010_0000_0000_0000L;
    long half = Double.doubleToRawLongBits(0.5);
    assertThat(DoubleArithmetic.multiply(begin(), small, half)).isEqualTo(small >> 1);
    assertThat(e.flags).isZero();
    e.begin(MASKED | Environment.FTZ);
    assertThat(DoubleArithmetic.multiply(e, small | SIGN, half)).isEqualTo(SIGN);
    assertThat(e.flags).isEqualTo(UE | PE);
    e.begin((MASKED | Environment.FTZ) & ~Environment.UM);
    DoubleArithmetic.multiply(e, small, half);
    assertThat(e.flags).isEqualTo(UE);
  }

  @Test
  void tininessIsDetectedAfterRounding() {
    long justBelow = 0x3FEF_FFFF_FFFF_FFFFL; // 1 - 2^-53
    long least = 0x0010_0000_0000_0000L;
    assertThat(DoubleArithmetic.multiply(begin(), least, justBelow)).isEqualTo(least);
    assertThat(e.flags).isEqualTo(UE | PE);
    long above = 0x0010_0000_0000_0001L;
    assertThat(DoubleArithmetic.multiply(begin(), above, justBelow)).isEqualTo(least);
    assertThat(e.flags).isEqualTo(PE);
  }

  @Test
  void minimumAndMaximumGiveTheSecondIfUnordered() {
    assertThat(Comparison.min(begin(), DOUBLE, QUIET, ONE)).isEqualTo(ONE);
    assertThat(e.flags).isEqualTo(IE);
    assertThat(Comparison.max(begin(), DOUBLE, ONE, SIGNALING)).isEqualTo(SIGNALING);
    assertThat(Comparison.max(begin(), DOUBLE, 0, SIGN)).isEqualTo(SIGN);
    assertThat(e.flags).isZero();
  }

  @Test
  void predicatesHoldAsTheirTableSays() {
    long[][] pairs = {{0, ONE}, {ONE, ONE}, {ONE, 0}, {QUIET, ONE}}; // less, equal, greater, none
    String[] holds = {
      "0100", "1000", "1100", "0001", "1011", "0111", "0011", "1110",
      "0101", "1001", "1101", "0000", "1010", "0110", "0010", "1111",
    };
    String[] expected = new String[16];
    for (int predicate = 0; predicate < 16; predicate++) {
      StringBuilder text = new StringBuilder();
      for (long[] pair : pairs) {
        text.append(Comparison.holds(begin(), DOUBLE, pair[0], pair[1], predicate) ? 1 : 0);
      }
      expected[predicate] = text.toString();
    }
    assertThat(expected).containsExactly(holds);
  }

  @Test
  void halfOfThePredicatesSignalQuietNans() {
    for (int predicate = 0; predicate < 32; predicate++) {
      Comparison.holds(begin(), SINGLE, 0x7FC0_0000, 0, predicate);
      boolean low = (predicate & 3) == 1 || (predicate & 3) == 2;
      assertThat(e.flags != 0).as("predicate %d", predicate).isEqualTo(low != predicate >= 16);
    }
  }

  @Test
  void whatDoesNotFitAnIntegerIsIndefinite() {
    long tooLarge = Double.doubleToRawLongBits(0x1p31);
    assertThat(Conversions.truncateDouble(begin(), tooLarge, 32)).isEqualTo(0x8000_0000L);
    assertThat(e.flags).isEqualTo(IE);
    assertThat(Conversions.truncateDouble(begin(), tooLarge | SIGN, 32)).isEqualTo(0x8000_0000L);
    assertThat(e.flags).isZero();
    long rounds = Double.doubleToRawLongBits(0x1p31 - 0.25);
    assertThat(Conversions.truncateDouble(begin(), rounds, 32)).isEqualTo(0x7FFF_FFFFL);
    assertThat(e.flags).isEqualTo(PE);
    assertThat(Conversions.fromDouble(begin(), rounds, 32)).isEqualTo(0x8000_0000L);
    assertThat(Conversions.fromDouble(begin(), QUIET, 64)).isEqualTo(Long.MIN_VALUE);
    assertThat(e.flags).isEqualTo(IE);
  }

  @Test
  void integersRoundToFormatsAsTheModeSays() {
    long odd = (1L << 53) + 1;
    assertThat(Conversions.doubleFromInteger(begin(), odd))
        .isEqualTo(Double.doubleToRawLongBits(0x1p53));
    e.begin(MASKED | Environment.UP << 13);
    assertThat(Conversions.doubleFromInteger(e, odd))
        .isEqualTo(Double.doubleToRawLongBits(0x1p53 + 2));
    assertThat(Conversions.singleFromInteger(begin(), Long.MIN_VALUE)).isEqualTo(0xDF00_0000L);
    assertThat(e.flags).isZero();
  }

  @Test
  void halvesAreExactInSingles() {
    for (int half = 0; half < 0x1_0000; half++) {
      if ((half & 0x7C00) == 0x7C00 && (half & 0x3FF) != 0) {
        continue;
      }
      long single = Conversions.halfToSingle(begin(), half);
      assertThat(Float.intBitsToFloat((int) single)).isEqualTo(Float.float16ToFloat((short) half));
      assertThat(Conversions.singleToHalf(begin(), single)).isEqualTo(half);
    }
  }

  @Test
  void integralValuesAreRoundedByTheMode() {
    double[][] expected = {{2, 2, 3, 2}, {-2, -3, -2, -2}};
    double[] values = {2.5, -2.5};
    for (int n = 0; n < 2; n++) {
      for (int mode = 0; mode < 4; mode++) {
        e.begin(MASKED | mode << 13);
        long bits = Double.doubleToRawLongBits(values[n]);
        double result = Double.longBitsToDouble(DoubleArithmetic.roundToIntegral(e, bits));
        assertThat(result).isEqualTo(expected[n][mode]);
        assertThat(e.flags).isEqualTo(PE);
      }
    }
    long small = Double.doubleToRawLongBits(-0.25);
    assertThat(DoubleArithmetic.roundToIntegral(begin(), small)).isEqualTo(SIGN);
  }
}
