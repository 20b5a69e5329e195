package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Semantics;

/** SSE to AVX2, FMA, AES, SHA and kin, by the name of their meaning in the instruction table. */
public final class VectorSemantics {
  private VectorSemantics() {}

  /** The meaning of this name, or null if it is not of this unit. */
  public static Semantics of(String meaning) {
    return switch (meaning) {
      default -> null;
    };
  }
}
