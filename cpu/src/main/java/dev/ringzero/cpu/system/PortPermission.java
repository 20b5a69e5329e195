package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Vector;

/**
 * Whether the running code may access a port: by IOPL, or by the bitmap in the TSS.
 *
 * @spec Intel SDM Vol. 1, "I/O Permission Bit Map"
 */
public final class PortPermission {
  private static final int IO_MAP_BASE = 0x66; // TSS: offset of the I/O permission bitmap

  private PortPermission() {}

  /** #GP(0) where neither allows it. */
  public static void check(Cpu cpu, int port, int sizeBytes) {
    if ((cpu.cr0 & Cr0.PE) == 0
        || cpu.cpl <= Privilege.ioPrivilegeLevel(cpu) && !Segmentation.virtual8086(cpu)) {
      return;
    }
    if (!mapped(cpu, port, sizeBytes)) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  private static boolean mapped(Cpu cpu, int port, int sizeBytes) {
    SystemRegisters system = cpu.system;
    if (!TaskState.is32(cpu) || IO_MAP_BASE + 1 > system.trLimit) {
      return false;
    }
    long at = cpu.mmu.readSupervisor(system.trBase + IO_MAP_BASE, 2) + port / 8;
    if (at + 1 > system.trLimit) {
      return false;
    }
    long denied = cpu.mmu.readSupervisor(system.trBase + at, 2) >>> (port & 7);
    return (denied & (1 << sizeBytes) - 1) == 0;
  }
}
