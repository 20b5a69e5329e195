package dev.ringzero.cpu.floating;

/**
 * Which NaN an SSE or AVX operation answers: the first operand that is one, made quiet. Signaling
 * ones raise IE.
 *
 * @spec Intel SDM Vol. 1, "Rules for Handling NaNs"
 */
final class Nans {
  private Nans() {}

  static long propagate(Environment e, Format f, long a) {
    if (f.isSignaling(a)) {
      e.raise(Environment.IE);
    }
    return a | f.quiet;
  }

  static long propagate(Environment e, Format f, long a, long b) {
    if (f.isSignaling(a) || f.isSignaling(b)) {
      e.raise(Environment.IE);
    }
    return (f.isNan(a) ? a : b) | f.quiet;
  }

  static long propagate(Environment e, Format f, long a, long b, long c) {
    if (f.isSignaling(a) || f.isSignaling(b) || f.isSignaling(c)) {
      e.raise(Environment.IE);
    }
    return (f.isNan(a) ? a : f.isNan(b) ? b : c) | f.quiet;
  }
}
