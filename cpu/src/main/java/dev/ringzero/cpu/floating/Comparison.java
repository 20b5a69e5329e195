package dev.ringzero.cpu.floating;

/**
 * Comparisons, minimum and maximum on bit patterns of any {@link Format}.
 *
 * @spec Intel SDM Vol. 2A, "CMPPD", "Comparison Predicate for CMPPD and CMPPS Instructions"
 */
public final class Comparison {
  public static final int LESS = -1, EQUAL = 0, GREATER = 1, UNORDERED = 2;
  private static final int IS_EQUAL = 1, IS_LESS = 2, IS_UNORDERED = 4, IS_GREATER = 8;

  /** What each of the 16 predicates holds for; bit 4 only swaps which ones signal. */
  private static final int[] HOLDS = {
    IS_EQUAL,
    IS_LESS,
    IS_LESS | IS_EQUAL,
    IS_UNORDERED,
    IS_LESS | IS_GREATER | IS_UNORDERED,
    IS_EQUAL | IS_GREATER | IS_UNORDERED,
    IS_GREATER | IS_UNORDERED,
    IS_EQUAL | IS_LESS | IS_GREATER,
    IS_EQUAL | IS_UNORDERED,
    IS_LESS | IS_UNORDERED,
    IS_LESS | IS_EQUAL | IS_UNORDERED,
    0,
    IS_LESS | IS_GREATER,
    IS_EQUAL | IS_GREATER,
    IS_GREATER,
    IS_EQUAL | IS_LESS | IS_GREATER | IS_UNORDERED,
  };

  /** Predicates 0 to 15 that raise IE for quiet NaNs too, one bit each. */
  private static final int SIGNALING = 0b0110_0110_0110_0110;

  private Comparison() {}

  /** The relation of two values; quiet NaNs raise IE too if {@code signaling}. */
  public static int compare(Environment e, Format f, long a, long b, boolean signaling) {
    if (f.isNan(a) || f.isNan(b)) {
      if (signaling || f.isSignaling(a) || f.isSignaling(b)) {
        e.raise(Environment.IE);
      }
      return UNORDERED;
    }
    long x = ExactArithmetic.operand(e, f, a);
    long y = ExactArithmetic.operand(e, f, b);
    ExactArithmetic.noteDenormals(e, f, x, y);
    if (f.isZero(x) && f.isZero(y)) {
      return EQUAL;
    }
    return Long.compare(order(f, x), order(f, y));
  }

  /** A long that orders as the value does. */
  private static long order(Format f, long bits) {
    return f.isNegative(bits) ? -f.magnitude(bits) : bits;
  }

  /** Whether one of the 32 predicates of VCMP holds; CMP has the first eight. */
  public static boolean holds(Environment e, Format f, long a, long b, int predicate) {
    boolean signaling = ((SIGNALING >> (predicate & 15) & 1) != 0) != (predicate >= 16);
    int is =
        switch (compare(e, f, a, b, signaling)) {
          case LESS -> IS_LESS;
          case EQUAL -> IS_EQUAL;
          case GREATER -> IS_GREATER;
          default -> IS_UNORDERED;
        };
    return (HOLDS[predicate & 15] & is) != 0;
  }

  /** The lesser of two; the second if they are unordered or both zero. */
  public static long min(Environment e, Format f, long a, long b) {
    int relation = compare(e, f, a, b, true);
    return ExactArithmetic.operand(e, f, relation == LESS ? a : b);
  }

  /** The greater of two; the second if they are unordered or both zero. */
  public static long max(Environment e, Format f, long a, long b) {
    int relation = compare(e, f, a, b, true);
    return ExactArithmetic.operand(e, f, relation == GREATER ? a : b);
  }
}
