package dev.ringzero.kvm;

/**
 * What CPUID answers to one leaf, or one subleaf of it.
 *
 * @param indexed whether the answer is only for this {@code index} in ECX
 */
public record CpuidLeaf(
    int function, int index, boolean indexed, int eax, int ebx, int ecx, int edx) {
  /** The same leaf with only those features that {@code supported} has, too. */
  CpuidLeaf masked(CpuidLeaf supported) {
    return switch (function) {
      case 1, 0x8000_0001 -> withFeatures(eax, ebx, ecx & supported.ecx, edx & supported.edx);
      case 7 ->
          withFeatures(
              index == 0 ? eax : eax & supported.eax,
              ebx & supported.ebx,
              ecx & supported.ecx,
              edx & supported.edx);
      case 0xD ->
          index == 0
              ? withFeatures(eax & supported.eax, ebx, ecx, edx & supported.edx)
              : index == 1 ? withFeatures(eax & supported.eax, ebx, ecx, edx) : this;
      default -> this;
    };
  }

  /** The same leaf as the processor with this APIC ID sees it. */
  CpuidLeaf forProcessor(int apicId) {
    return switch (function) {
      case 1 -> withFeatures(eax, ebx & 0x00FF_FFFF | apicId << 24, ecx, edx);
      case 0xB, 0x1F -> withFeatures(eax, ebx, ecx, apicId);
      default -> this;
    };
  }

  private CpuidLeaf withFeatures(int newEax, int newEbx, int newEcx, int newEdx) {
    return new CpuidLeaf(function, index, indexed, newEax, newEbx, newEcx, newEdx);
  }

  boolean answers(CpuidLeaf question) {
    return function == question.function && (!indexed || index == question.index);
  }
}
