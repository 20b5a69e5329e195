package dev.ringzero.x86;

/**
 * What CPUID answers to one leaf, or one subleaf of it.
 *
 * @param indexed whether the answer is only for this {@code index} in ECX
 */
public record CpuidLeaf(
    int function, int index, boolean indexed, int eax, int ebx, int ecx, int edx) {
  /** Whether this is the answer to a leaf and subleaf. */
  public boolean answers(int askedFunction, int askedIndex) {
    return function == askedFunction && (!indexed || index == askedIndex);
  }

  /** The same leaf with other values. */
  public CpuidLeaf with(int newEax, int newEbx, int newEcx, int newEdx) {
    return new CpuidLeaf(function, index, indexed, newEax, newEbx, newEcx, newEdx);
  }
}
