package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * A guest's accesses to model-specific registers.
 *
 * @spec Intel SDM Vol. 3C, "MSR-Bitmap Address"
 */
final class MsrExits {
  private static final int HIGH_FIRST = 0xC000_0000;
  private static final int COVERED = 0x2000; // registers of each bitmap
  private static final int HIGH_OFFSET = 1024;
  private static final int WRITE_OFFSET = 2048;

  private final Cpu cpu;
  private final VmxLevel level;
  private final VirtualX2Apic x2apic;

  MsrExits(Cpu cpu, VmxLevel level) {
    this.cpu = cpu;
    this.level = level;
    x2apic = new VirtualX2Apic(cpu, level);
  }

  boolean read(Instruction i) {
    int index = (int) cpu.gpr[Cpu.RCX];
    if (exits(index, 0)) {
      throw level.exits.exit(ExitReason.RDMSR, 0, i.length);
    }
    return x2apic.read(index);
  }

  boolean write(Instruction i) {
    int index = (int) cpu.gpr[Cpu.RCX];
    if (exits(index, WRITE_OFFSET)) {
      throw level.exits.exit(ExitReason.WRMSR, 0, i.length);
    }
    return x2apic.write(index);
  }

  private boolean exits(int index, int offset) {
    if (!level.processor(ProcessorControls.MSR_BITMAPS)) {
      return true;
    }
    boolean low = Integer.compareUnsigned(index, COVERED) < 0;
    boolean high = Integer.compareUnsigned(index - HIGH_FIRST, COVERED) < 0;
    if (!low && !high) {
      return true;
    }
    int bit = index & COVERED - 1;
    long at = level.vmx.vmcs.get(VmcsField.MSR_BITMAPS) + offset + (high ? HIGH_OFFSET : 0);
    return (level.vmx.memory().read8(at + bit / 8) >>> (bit & 7) & 1) != 0;
  }
}
