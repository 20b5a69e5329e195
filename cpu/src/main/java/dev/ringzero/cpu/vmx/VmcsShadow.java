package dev.ringzero.cpu.vmx;

/**
 * The shadow VMCS, which an inner guest reads and writes without exits.
 *
 * @spec Intel SDM Vol. 3C, "Shadow-VMCS Pointer"; "Ordinary and Shadow Virtual Machines"
 */
final class VmcsShadow {
  private VmcsShadow() {}

  /** Whether a region with this first word can become the current VMCS. */
  static boolean revisionAllowed(int firstWord) {
    return firstWord == Vmcs.REVISION;
  }
}
