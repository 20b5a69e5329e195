package dev.ringzero.cpu.vmx;

import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * Page-modification logging: the addresses of pages whose dirty flag becomes set.
 *
 * @spec Intel SDM Vol. 3C, "Page-Modification Logging"
 */
final class Pml {
  private static final int LAST_INDEX = 511;

  private final Vmx vmx;

  Pml(Vmx vmx) {
    this.vmx = vmx;
  }

  /**
   * Logs a page; the caller sets the dirty flag.
   *
   * @throws dev.ringzero.cpu.level.LevelExit if the log is full
   */
  void log(long innerGpa) {
    if (!vmx.level().secondary(SecondaryControls.PML)) {
      return;
    }
    int index = vmx.vmcs.get32(VmcsField.PML_INDEX);
    if (index > LAST_INDEX) {
      throw vmx.level().exits.exit(ExitReason.PML_FULL, 0, 0);
    }
    long page = vmx.vmcs.get(VmcsField.PML_ADDRESS);
    vmx.memory().write64(page + 8L * index, innerGpa & -4096L);
    vmx.vmcs.set(VmcsField.PML_INDEX, index - 1 & 0xFFFF);
  }
}
