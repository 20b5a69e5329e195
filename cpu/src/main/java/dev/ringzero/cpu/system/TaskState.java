package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.DescriptorTables.errorCode;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Vector;

/**
 * What control transfers and port accesses read from the present task-state segment.
 *
 * @spec Intel SDM Vol. 3A, "Task-State Segment (TSS)"; "TSS Descriptor in 64-bit mode"
 */
final class TaskState {
  private static final int RSP0 = 0x04; // 64-bit TSS
  private static final int IST1 = 0x24; // 64-bit TSS
  private static final int ESP0 = 0x04; // 32-bit TSS
  private static final int SP0 = 0x02; // 16-bit TSS

  private TaskState() {}

  /** RSP for a privilege level, from a 64-bit TSS. */
  static long stackPointer64(Cpu cpu, int cpl, int external) {
    return field(cpu, RSP0 + 8 * cpl, 8, external);
  }

  /** Interrupt stack 1 to 7, from a 64-bit TSS. */
  static long interruptStack(Cpu cpu, int number, int external) {
    return field(cpu, IST1 + 8 * (number - 1), 8, external);
  }

  /** SP or ESP for a privilege level, from a 16- or 32-bit TSS. */
  static long stackPointer(Cpu cpu, int cpl, int external) {
    return is32(cpu)
        ? field(cpu, ESP0 + 8 * cpl, 4, external)
        : field(cpu, SP0 + 4 * cpl, 2, external);
  }

  /** SS for a privilege level, from a 16- or 32-bit TSS. */
  static int stackSelector(Cpu cpu, int cpl, int external) {
    int at = is32(cpu) ? ESP0 + 8 * cpl + 4 : SP0 + 4 * cpl + 2;
    return (int) field(cpu, at, 2, external);
  }

  static boolean is32(Cpu cpu) {
    return (cpu.system.trAccess & AccessRights.TYPE) >= AccessRights.TSS_AVAILABLE;
  }

  private static long field(Cpu cpu, int at, int sizeBytes, int external) {
    SystemRegisters system = cpu.system;
    if (at + sizeBytes - 1 > system.trLimit) {
      throw cpu.fault(Vector.TS, errorCode(system.trSelector) | external);
    }
    return cpu.mmu.readSupervisor(system.trBase + at, sizeBytes);
  }
}
