package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Semantics;

/**
 * x87, MMX and the FXSAVE and XSAVE families, by the name of their meaning in the instruction
 * table.
 */
public final class X87Semantics {
  private X87Semantics() {}

  /** The meaning of this name, or null if it is not of this unit. */
  public static Semantics of(String meaning) {
    Semantics semantics = DataInstructions.of(meaning);
    if (semantics == null) {
      semantics = ArithmeticInstructions.of(meaning);
    }
    if (semantics == null) {
      semantics = CompareInstructions.of(meaning);
    }
    if (semantics == null) {
      semantics = ControlInstructions.of(meaning);
    }
    if (semantics == null) {
      semantics = TranscendentalInstructions.of(meaning);
    }
    if (semantics == null) {
      semantics = StateInstructions.of(meaning);
    }
    if (semantics == null) {
      semantics = MmxInstructions.of(meaning);
    }
    return semantics;
  }
}
