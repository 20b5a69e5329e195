package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.system.SystemOperands;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.vmx.SecondaryControls;

/**
 * A guest's accesses to the model-specific registers of its x2APIC, on the virtual-APIC page.
 *
 * @spec Intel SDM Vol. 3C, "Virtualizing MSR-Based APIC Accesses"
 */
final class VirtualX2Apic {
  private static final int FIRST = 0x800;
  private static final int TPR = 0x808;
  private static final int EOI = 0x80B;
  private static final int SELF_IPI = 0x83F;
  private static final int REGISTERS = 0x100;

  private final Cpu cpu;
  private final VmxLevel level;

  VirtualX2Apic(Cpu cpu, VmxLevel level) {
    this.cpu = cpu;
    this.level = level;
  }

  private boolean covers(int index) {
    return level.secondary(SecondaryControls.VIRTUALIZE_X2APIC)
        && index >= FIRST
        && index < FIRST + REGISTERS;
  }

  /** RDMSR; false if the register is not virtual. */
  boolean read(int index) {
    boolean all = level.secondary(SecondaryControls.APIC_REGISTER_VIRTUALIZATION);
    if (!covers(index) || !all && index != TPR) {
      return false;
    }
    SystemOperands.writePair(cpu, level.virtualApic.read64(index - FIRST << 4));
    return true;
  }

  /** WRMSR; false if the register is not virtual. */
  boolean write(int index) {
    boolean delivery = level.secondary(SecondaryControls.VIRTUAL_INTERRUPT_DELIVERY);
    boolean virtual = index == TPR || delivery && (index == EOI || index == SELF_IPI);
    if (!covers(index) || !virtual) {
      return false;
    }
    long value = SystemOperands.readPair(cpu);
    if (value >>> 8 != 0 || index == EOI && value != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    level.virtualApic.write32(index - FIRST << 4, value);
    switch (index) {
      case TPR -> level.virtualApic.taskPriority((int) value);
      case EOI -> level.virtualApic.endOfInterrupt();
      default -> selfInterrupt((int) value);
    }
    return true;
  }

  private void selfInterrupt(int vector) {
    if (vector >= 16) {
      level.virtualApic.selfInterrupt(vector);
    } else {
      level.events.trap(ExitReason.APIC_WRITE, SELF_IPI - FIRST << 4);
    }
  }
}
