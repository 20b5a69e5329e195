package dev.ringzero.cpu.x87;

/**
 * Sine, cosine, arc tangent, powers and logarithms, worked out in 128 bits. Angles are reduced by
 * the processor's own value of pi, which has 66 bits.
 *
 * @spec Intel SDM Vol. 1, "Approximation of Pi" and "Transcendental Instruction Accuracy"
 */
final class Transcendental {
  /** Pi of 66 bits as an integer: pi · 2^64. */
  private static final long PI_66_HIGH = 3;

  private static final long PI_66_LOW = 0x243F_6A88_85A3_08D3L;

  private static final Quad HALF_PI_66 =
      new Quad(0, 0xC90F_DAA2_2168_C234L, 0xC000_0000_0000_0000L);

  static final Quad PI = new Quad(1, 0xC90F_DAA2_2168_C234L, 0xC4C6_628B_80DC_1CD1L);
  static final Quad HALF_PI = new Quad(0, PI.high, PI.low);
  private static final Quad QUARTER_PI = new Quad(-1, PI.high, PI.low);
  private static final Quad LN_2 = new Quad(-1, 0xB172_17F7_D1CF_79ABL, 0xC9E3_B398_03F2_F6AFL);
  private static final Quad LOG2_E = new Quad(0, 0xB8AA_3B29_5C17_F0BBL, 0xBE87_FED0_691D_3E88L);
  private static final Quad ONE = Quad.of(1);
  private static final Quad TWO = Quad.of(2);
  private static final Quad ROOT_2 = new Quad(0, 0xB504_F333_F9DE_6484L, 0x597D_89B3_754A_BE9FL);

  /** Arc tangents of 0/16 to 16/16. */
  private static final Quad[] ARC_TANGENTS = arcTangents();

  private final Quad x = new Quad();
  private final Quad square = new Quad();
  private final Quad result = new Quad();
  private final Quad other = new Quad();
  private final Quad centre = new Quad();

  private int quadrant;

  private static Quad[] arcTangents() {
    Quad[] table = new Quad[17];
    table[0] = new Quad();
    for (int k = 1; k <= 16; k++) {
      // atan(k/16) - atan((k-1)/16) = atan(16 / (256 + k (k-1)))
      Quad step = Quad.of(16).divide(Quad.of(256L + k * (k - 1)));
      Quad square = new Quad();
      square.set(step);
      square.multiply(step);
      table[k] = new Quad();
      Series.evaluate(Series.ARC_TANGENT, square, table[k]);
      table[k].multiply(step).add(table[k - 1]);
    }
    return table;
  }

  /** Brings an angle of less than 2^63 into the eighth turn around zero. */
  private void reduce(int signExponent, long significand) {
    x.set(signExponent, significand);
    quadrant = 0;
    if (x.isBelow(QUARTER_PI)) {
      return;
    }
    boolean negative = x.negative;
    x.negative = false;
    long high = 0;
    long low = x.high;
    for (int shifts = x.exponent + 2; shifts > 0; shifts--) {
      high = high << 1 | low >>> 63;
      low <<= 1;
      quadrant <<= 1;
      if (!below(high, low)) {
        high -= PI_66_HIGH + (Long.compareUnsigned(low, PI_66_LOW) < 0 ? 1 : 0);
        low -= PI_66_LOW;
        quadrant |= 1;
      }
    }
    x.high = high;
    x.low = low;
    x.exponent = 127 - 65;
    x.normalize();
    if (!x.isZero() && QUARTER_PI.isBelow(x)) {
      x.subtract(HALF_PI_66);
      quadrant++;
    }
    x.negative ^= negative;
    if (negative) {
      quadrant = -quadrant;
    }
  }

  private static boolean below(long high, long low) {
    return high != PI_66_HIGH
        ? Long.compareUnsigned(high, PI_66_HIGH) < 0
        : Long.compareUnsigned(low, PI_66_LOW) < 0;
  }

  /** Sine of a non-zero angle, into the result. */
  void sine(Result r, int signExponent, long significand) {
    reduce(signExponent, significand);
    ofQuadrant(quadrant);
    result.round(r, false);
  }

  void cosine(Result r, int signExponent, long significand) {
    reduce(signExponent, significand);
    ofQuadrant(quadrant + 1);
    result.round(r, false);
  }

  void tangent(Result r, int signExponent, long significand) {
    reduce(signExponent, significand);
    ofQuadrant(quadrant + 1);
    other.set(result);
    ofQuadrant(quadrant);
    result.divide(other).round(r, false);
  }

  /** Sine of the reduced angle plus so many quarter turns. */
  private void ofQuadrant(int quarters) {
    square.set(x);
    square.multiply(x);
    if ((quarters & 1) == 0) {
      Series.evaluate(Series.SINE, square, result);
      result.multiply(x);
    } else {
      Series.evaluate(Series.COSINE, square, result);
    }
    if ((quarters & 2) != 0) {
      result.negate();
    }
  }

  /** Arc tangent of y / x for non-zero finite values, in the right quadrant. */
  void arcTangent(
      Result r, int ySignExponent, long ySignificand, int xSignExponent, long xSignificand) {
    x.set(ySignExponent, ySignificand);
    other.set(xSignExponent, xSignificand);
    final boolean negative = x.negative;
    final boolean left = other.negative;
    x.negative = false;
    other.negative = false;
    boolean steep = other.isBelow(x);
    if (steep) {
      square.set(x);
      x.set(other);
      other.set(square);
    }
    x.divide(other);
    arcTangentOfFraction();
    if (steep) {
      result.negate();
      result.add(HALF_PI);
    }
    if (left) {
      result.negate();
      result.add(PI);
    }
    result.negative = negative;
    result.round(r, false);
  }

  /** So many eighth turns, as arc tangents of infinite and zero operands are. */
  void multipleOfQuarterPi(Result r, int sign, int times) {
    result.set(PI);
    other.set(times);
    result.multiply(other).scale(-2);
    result.negative = sign != 0;
    result.round(r, false);
  }

  /** Arc tangent of x from 0 to 1, into the result. */
  private void arcTangentOfFraction() {
    int nearest = x.exponent < -5 ? 0 : sixteenths();
    if (nearest != 0) {
      centre.set(nearest);
      centre.scale(-4);
      other.set(centre);
      other.multiply(x).add(ONE);
      x.subtract(centre).divide(other);
    }
    square.set(x);
    square.multiply(x);
    Series.evaluate(Series.ARC_TANGENT, square, result);
    result.multiply(x).add(ARC_TANGENTS[nearest]);
  }

  /** x in sixteenths, rounded. */
  private int sixteenths() {
    int shift = 63 - 5 - x.exponent;
    return (int) (x.high >>> shift) + 1 >>> 1;
  }

  /** 2^x - 1 for a non-zero x from -1 to 1. */
  void powerMinusOne(Result r, int signExponent, long significand) {
    x.set(signExponent, significand);
    boolean exact = x.exponent == 0; // one or minus one
    x.multiply(LN_2);
    Series.evaluate(Series.EXPONENTIAL, x, result);
    result.multiply(x);
    if (exact) {
      boolean negative = result.negative;
      result.set(ONE);
      result.scale(negative ? -1 : 0);
      result.negative = negative;
    }
    result.round(r, exact);
  }

  /** y log2(x) for positive x and non-zero y. */
  void logarithm(
      Result r, int ySignExponent, long ySignificand, int xSignExponent, long xSignificand) {
    x.set(xSignExponent, xSignificand);
    boolean exact = x.high == Long.MIN_VALUE;
    logarithmOfX(ySignExponent, ySignificand);
    result.round(r, exact);
  }

  /** y log2(1 + x) for non-zero x above -1 and non-zero y. */
  void logarithmOfSum(
      Result r, int ySignExponent, long ySignificand, int xSignExponent, long xSignificand) {
    x.set(xSignExponent, xSignificand);
    if (x.exponent >= -2) {
      x.add(ONE);
      logarithmOfX(ySignExponent, ySignificand);
    } else {
      other.set(x);
      other.add(TWO);
      logarithmOf(0, ySignExponent, ySignificand);
    }
    result.round(r, false);
  }

  private void logarithmOfX(int ySignExponent, long ySignificand) {
    int power = x.exponent;
    x.exponent = 0;
    if (ROOT_2.isBelow(x)) {
      x.exponent = -1;
      power++;
    }
    other.set(x);
    x.subtract(ONE);
    other.add(ONE);
    logarithmOf(power, ySignExponent, ySignificand);
  }

  /** (power + log2((1 + s) / (1 - s))) y with s = x / other. */
  private void logarithmOf(int power, int ySignExponent, long ySignificand) {
    x.divide(other);
    square.set(x);
    square.multiply(x);
    Series.evaluate(Series.AREA_TANGENT, square, result);
    result.multiply(x).multiply(LOG2_E).scale(1);
    other.set(power);
    result.add(other);
    other.set(ySignExponent, ySignificand);
    result.multiply(other);
  }
}
