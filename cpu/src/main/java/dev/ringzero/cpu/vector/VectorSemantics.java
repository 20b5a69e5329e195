package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.InstructionForm;

/**
 * SSE to AVX2, FMA, AES, SHA and kin. Legacy and VEX forms share one meaning, which goes by the
 * mnemonic without V.
 */
public final class VectorSemantics {
  private VectorSemantics() {}

  /** The meaning of this row, or null if it is not of this unit. */
  public static Semantics of(InstructionForm form) {
    String name = form.meaning.startsWith("V") ? form.meaning.substring(1) : form.meaning;
    Semantics semantics = IntegerInstructions.of(name);
    if (semantics == null) {
      semantics = ShiftInstructions.of(name, form);
    }
    if (semantics == null) {
      semantics = ShuffleInstructions.of(name);
    }
    if (semantics == null) {
      semantics = MoveInstructions.of(name, form);
    }
    if (semantics == null) {
      semantics = FloatInstructions.of(name);
    }
    if (semantics == null) {
      semantics = ConversionInstructions.of(name);
    }
    return semantics;
  }
}
