package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Semantics;

/**
 * FXSAVE, FXRSTOR and the XSAVE family.
 *
 * @spec Intel SDM Vol. 1, "Managing State Using the XSAVE Feature Set"
 */
final class StateInstructions {
  private StateInstructions() {}

  static Semantics of(String meaning) {
    return switch (meaning) {
      case "FXSAVE" -> LegacyRegion::save;
      case "FXRSTOR" -> LegacyRegion::restore;
      case "XSAVE" -> (cpu, i) -> ExtendedState.save(cpu, i, false);
      case "XSAVEOPT" -> (cpu, i) -> ExtendedState.save(cpu, i, true);
      case "XSAVEC" -> (cpu, i) -> ExtendedState.saveCompacted(cpu, i, false);
      case "XSAVES" -> (cpu, i) -> ExtendedState.saveCompacted(cpu, i, true);
      case "XRSTOR" -> (cpu, i) -> ExtendedState.restore(cpu, i, false);
      case "XRSTORS" -> (cpu, i) -> ExtendedState.restore(cpu, i, true);
      default -> null;
    };
  }
}
