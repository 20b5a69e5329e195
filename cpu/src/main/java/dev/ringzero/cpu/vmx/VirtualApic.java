package dev.ringzero.cpu.vmx;

import dev.ringzero.x86.vmx.VmcsField;

/**
 * The virtual-APIC page of a guest.
 *
 * @spec Intel SDM Vol. 3C, "APIC Virtualization and Virtual Interrupts"
 */
final class VirtualApic {
  /** Offset of the task-priority register in the page. */
  static final int TPR = 0x80;

  private final VmxLevel level;

  VirtualApic(VmxLevel level) {
    this.level = level;
  }

  private long page() {
    return level.vmx.vmcs.get(VmcsField.VIRTUAL_APIC_ADDRESS);
  }

  /** VTPR. */
  int taskPriority() {
    return (int) level.vmx.memory().read8(page() + TPR);
  }

  /**
   * An instruction writes VTPR. Where it falls below the threshold the guest exits after the
   * instruction.
   */
  void taskPriority(int value) {
    level.vmx.memory().write32(page() + TPR, value);
    if (value >>> 4 < level.vmx.vmcs.get32(VmcsField.TPR_THRESHOLD)) {
      level.events.belowThreshold = true;
    }
  }
}
