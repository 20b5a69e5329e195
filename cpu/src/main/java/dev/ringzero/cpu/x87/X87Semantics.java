package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Semantics;

/** x87, MMX and the FXSAVE and XSAVE families, by the name of their meaning in the instruction table. */
public final class X87Semantics {
  private X87Semantics() {}

  /** The meaning of this name, or null if it is not of this unit. */
  public static Semantics of(String meaning) {
    return switch (meaning) {
      default -> null;
    };
  }
}
