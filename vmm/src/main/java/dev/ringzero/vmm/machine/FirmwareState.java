package dev.ringzero.vmm.machine;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.vmm.cpuid.CpuFeature;
import dev.ringzero.vmm.cpuid.Cpuid;
import dev.ringzero.vmm.cpuid.Mitigations;

/**
 * Model-specific registers as firmware leaves them on every processor: RAM is write-back, the holes
 * of devices are uncached.
 *
 * @spec Intel SDM Vol. 3A, "Memory Type Range Registers (MTRRs)"
 */
final class FirmwareState {
  private static final int IA32_MTRR_PHYSBASE0 = 0x200;
  private static final int IA32_MTRR_PHYSMASK0 = 0x201;
  private static final int IA32_MTRR_FIX64K_00000 = 0x250;
  private static final int IA32_MTRR_FIX16K_80000 = 0x258;
  private static final int IA32_MTRR_FIX16K_A0000 = 0x259;
  private static final int IA32_MTRR_FIX4K_C0000 = 0x268;
  private static final int IA32_MTRR_FIX4K_F8000 = 0x26F;
  private static final int IA32_MTRR_DEF_TYPE = 0x2FF;

  private static final long UNCACHED = 0;
  private static final long ALL_WRITE_BACK = 0x0606_0606_0606_0606L;
  private static final long DEF_TYPE_WRITE_BACK = 6;
  private static final long DEF_TYPE_FE = 1L << 10; // Fixed range MTRRs enabled
  private static final long DEF_TYPE_E = 1L << 11; // MTRRs enabled
  private static final long PHYSMASK_V = 1L << 11; // Valid
  private static final long FOUR_GIB = 1L << 32;

  private final Cpuid cpuid;
  private final long archCapabilities;

  /**
   * Registers for processors of this kind.
   *
   * @param archCapabilities IA32_ARCH_CAPABILITIES, where CPUID promises it
   */
  FirmwareState(Cpuid cpuid, long archCapabilities) {
    this.cpuid = cpuid;
    this.archCapabilities = archCapabilities;
  }

  void apply(VirtualCpu cpu) {
    if (cpuid.model().has(CpuFeature.ARCH_CAPABILITIES)) {
      cpu.msr(Mitigations.IA32_ARCH_CAPABILITIES, archCapabilities);
    }
    cpu.msr(IA32_MTRR_FIX64K_00000, ALL_WRITE_BACK);
    cpu.msr(IA32_MTRR_FIX16K_80000, ALL_WRITE_BACK);
    cpu.msr(IA32_MTRR_FIX16K_A0000, UNCACHED);
    for (int index = IA32_MTRR_FIX4K_C0000; index <= IA32_MTRR_FIX4K_F8000; index++) {
      cpu.msr(index, ALL_WRITE_BACK);
    }
    long holeBytes = FOUR_GIB - GuestMemory.LOW_RAM_LIMIT;
    long addresses = 1L << cpuid.physicalBits();
    cpu.msr(IA32_MTRR_PHYSBASE0, GuestMemory.LOW_RAM_LIMIT | UNCACHED);
    cpu.msr(IA32_MTRR_PHYSMASK0, addresses - holeBytes | PHYSMASK_V);
    cpu.msr(IA32_MTRR_DEF_TYPE, DEF_TYPE_E | DEF_TYPE_FE | DEF_TYPE_WRITE_BACK);
  }
}
