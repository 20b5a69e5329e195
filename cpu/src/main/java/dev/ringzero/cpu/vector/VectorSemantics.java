package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.InstructionForm;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * SSE to AVX2, FMA, AES, SHA and kin. Legacy and VEX forms share one meaning, which goes by the
 * mnemonic without V.
 *
 * <p>Not modelled: the results of a certain processor for RCP and RSQRT, which the manual leaves
 * open within a bound; hints of non-temporal moves; #AC.
 */
public final class VectorSemantics {
  private VectorSemantics() {}

  /** The meaning of this row, or null if it is not of this unit. */
  public static Semantics of(InstructionForm form) {
    boolean vex = form.meaning.startsWith("V");
    String name = vex ? form.meaning.substring(1) : form.meaning;
    return Stream.<Supplier<Semantics>>of(
            () -> IntegerInstructions.of(name),
            () -> ShiftInstructions.of(name, form),
            () -> ShuffleInstructions.of(name),
            () -> MoveInstructions.of(name, form),
            () -> ElementInstructions.of(name, form),
            () -> LaneInstructions.of(name, form),
            () -> FloatInstructions.of(name, vex),
            () -> ConversionInstructions.of(name),
            () -> MmxConversions.of(name),
            () -> FusedMultiplyAdd.of(name),
            () -> TestInstructions.of(name),
            () -> MaskedMoves.of(name, form),
            () -> Gather.of(name),
            () -> StringCompare.of(name),
            () -> Aes.of(name),
            () -> CarrylessMultiply.of(name),
            () -> Sha.of(name))
        .map(Supplier::get)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }
}
