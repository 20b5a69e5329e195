package dev.ringzero.cpu.x87;

/** Power series with 128-bit coefficients. */
final class Series {
  /** 1/1!, -1/3!, 1/5!, … in powers of x². */
  static final Quad[] SINE = factorials(1, 2, 14, true);

  /** 1, -1/2!, 1/4!, … in powers of x². */
  static final Quad[] COSINE = factorials(0, 2, 14, true);

  /** 1/1!, 1/2!, 1/3!, … of (e^x - 1) / x. */
  static final Quad[] EXPONENTIAL = factorials(1, 1, 28, false);

  /** 1, 1/3, 1/5, … of atanh(x) / x in powers of x². */
  static final Quad[] AREA_TANGENT = oddReciprocals(22, false);

  /** 1, -1/3, 1/5, … of atan(x) / x in powers of x². */
  static final Quad[] ARC_TANGENT = oddReciprocals(14, true);

  private Series() {}

  private static Quad[] factorials(int first, int step, int count, boolean alternating) {
    Quad[] terms = new Quad[count];
    Quad term = Quad.of(1);
    int n = first;
    for (int k = 0; k < count; k++) {
      terms[k] = new Quad();
      terms[k].set(term);
      terms[k].negative = alternating && (k & 1) != 0;
      for (int s = 0; s < step; s++) {
        n++;
        term.divide(Quad.of(n));
      }
    }
    return terms;
  }

  private static Quad[] oddReciprocals(int count, boolean alternating) {
    Quad[] terms = new Quad[count];
    for (int k = 0; k < count; k++) {
      terms[k] = Quad.of(1).divide(Quad.of(2L * k + 1));
      terms[k].negative = alternating && (k & 1) != 0;
    }
    return terms;
  }

  /** Evaluates at {@code x}; the result must be another object. */
  static void evaluate(Quad[] coefficients, Quad x, Quad result) {
    result.set(coefficients[coefficients.length - 1]);
    for (int k = coefficients.length - 2; k >= 0; k--) {
      result.multiply(x).add(coefficients[k]);
    }
  }
}
