package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Semantics;

/**
 * PCLMULQDQ: products of polynomials over GF(2). Every fourth bit is multiplied on its own, so that
 * carries of an ordinary multiplication fall into the gaps.
 *
 * @spec Intel SDM Vol. 2B, "PCLMULQDQ"
 */
final class CarrylessMultiply {
  private static final long EVERY_FOURTH = 0x1111_1111_1111_1111L;

  private CarrylessMultiply() {}

  static Semantics of(String name) {
    if (!name.equals("PCLMULQDQ")) {
      return null;
    }
    return (c, i) ->
        Shapes.lanes(
            c,
            i,
            0,
            (aLow, aHigh, bLow, bHigh, n) ->
                low((n & 1) == 0 ? aLow : aHigh, (n & 16) == 0 ? bLow : bHigh),
            (aLow, aHigh, bLow, bHigh, n) ->
                high((n & 1) == 0 ? aLow : aHigh, (n & 16) == 0 ? bLow : bHigh));
  }

  /** Low 64 bits of the product. */
  static long low(long a, long b) {
    long a0 = a & EVERY_FOURTH;
    long a1 = a & EVERY_FOURTH << 1;
    long a2 = a & EVERY_FOURTH << 2;
    long a3 = a & EVERY_FOURTH << 3;
    long b0 = b & EVERY_FOURTH;
    long b1 = b & EVERY_FOURTH << 1;
    long b2 = b & EVERY_FOURTH << 2;
    long b3 = b & EVERY_FOURTH << 3;
    long c0 = a0 * b0 ^ a1 * b3 ^ a2 * b2 ^ a3 * b1;
    long c1 = a0 * b1 ^ a1 * b0 ^ a2 * b3 ^ a3 * b2;
    long c2 = a0 * b2 ^ a1 * b1 ^ a2 * b0 ^ a3 * b3;
    long c3 = a0 * b3 ^ a1 * b2 ^ a2 * b1 ^ a3 * b0;
    return c0 & EVERY_FOURTH
        | c1 & EVERY_FOURTH << 1
        | c2 & EVERY_FOURTH << 2
        | c3 & EVERY_FOURTH << 3;
  }

  /** High 64 bits: the low ones of the mirrored factors, mirrored; the product has 127 bits. */
  static long high(long a, long b) {
    return Long.reverse(low(Long.reverse(a), Long.reverse(b))) >>> 1;
  }
}
