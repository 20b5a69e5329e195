package dev.ringzero.cpu.integer;

import dev.ringzero.cpu.Semantics;

/** General-purpose instructions, by the name of their meaning in the instruction table. */
public final class IntegerSemantics {
  private IntegerSemantics() {}

  /** The meaning of this name, or null if it is not of this unit. */
  public static Semantics of(String meaning) {
    return switch (meaning) {
      default -> null;
    };
  }
}
