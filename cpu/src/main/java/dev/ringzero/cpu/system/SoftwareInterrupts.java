package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.system.Events.Kind;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * INT n, INT3, INT1, INTO and BOUND.
 *
 * @spec Intel SDM Vol. 2A, "INT n/INTO/INT3/INT1"; Vol. 3B, "Software Interrupt Handling Methods
 *     While in Virtual-8086 Mode"
 */
final class SoftwareInterrupts {
  private static final int IO_MAP_BASE = 0x66; // TSS: offset of the I/O permission bitmap
  private static final int REDIRECTION_BYTES =
      32; // the interrupt redirection bitmap lies before it

  private SoftwareInterrupts() {}

  static void interrupt(Cpu cpu, Instruction i) {
    int vector = (int) i.immediate & 0xFF;
    if (Segmentation.virtual8086(cpu) && interruptInVirtual8086(cpu, vector)) {
      return;
    }
    Events.deliver(cpu, vector, Kind.SOFTWARE);
  }

  /** Whether the interrupt was done by virtual-8086 mode itself; else it goes through the IDT. */
  private static boolean interruptInVirtual8086(Cpu cpu, int vector) {
    boolean redirected = (cpu.cr4 & Cr4.VME) != 0 && !protectedModeHandles(cpu, vector);
    boolean highLevel = Privilege.ioPrivilegeLevel(cpu) == 3;
    if (!redirected) {
      if (!highLevel) {
        throw cpu.fault(Vector.GP, 0);
      }
      return false;
    }
    long flags = Flags.read(cpu);
    long saved = highLevel ? flags : FlagInstructions.virtualAsInterruptFlag(flags);
    RealModeEvents.enter(cpu, 4L * vector, saved, Kind.SOFTWARE);
    cpu.systemFlags &= ~(Rflags.TF | Rflags.NT | (highLevel ? Rflags.IF : Rflags.VIF));
    return true;
  }

  private static boolean protectedModeHandles(Cpu cpu, int vector) {
    SystemRegisters system = cpu.system;
    if (!TaskState.is32(cpu) || IO_MAP_BASE + 1 > system.trLimit) {
      throw cpu.fault(Vector.GP, 0);
    }
    long map = cpu.mmu.readSupervisor(system.trBase + IO_MAP_BASE, 2) - REDIRECTION_BYTES;
    long at = map + vector / 8;
    if (at < 0 || at > system.trLimit) {
      throw cpu.fault(Vector.GP, 0);
    }
    return (cpu.mmu.readSupervisor(system.trBase + at, 1) >>> (vector & 7) & 1) != 0;
  }

  static void breakpoint(Cpu cpu, Instruction i) {
    checkVirtual8086(cpu);
    Events.offer(cpu, Vector.BP, false, 0);
    Events.deliver(cpu, Vector.BP, Kind.SOFTWARE);
  }

  static void overflow(Cpu cpu, Instruction i) {
    if (Flags.overflow(cpu)) {
      checkVirtual8086(cpu);
      Events.offer(cpu, Vector.OF, false, 0);
      Events.deliver(cpu, Vector.OF, Kind.SOFTWARE);
    }
  }

  private static void checkVirtual8086(Cpu cpu) {
    if (Segmentation.virtual8086(cpu) && Privilege.ioPrivilegeLevel(cpu) < 3) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  static void debug(Cpu cpu, Instruction i) {
    DebugUnit.dropTraps(cpu);
    Events.deliver(cpu, Vector.DB, Kind.PRIVILEGED_SOFTWARE);
  }

  static void bound(Cpu cpu, Instruction i) {
    int sizeBytes = i.operandSize / 8;
    long linear = Operands.linear(cpu, i, 2 * sizeBytes, false);
    long lower = signed(SystemOperands.read(cpu, linear, sizeBytes), i.operandSize);
    long upper = signed(SystemOperands.read(cpu, linear + sizeBytes, sizeBytes), i.operandSize);
    long index = signed(cpu.gpr[i.reg], i.operandSize);
    if (index < lower || index > upper) {
      throw cpu.fault(Vector.BR);
    }
  }

  private static long signed(long value, int bits) {
    return value << 64 - bits >> 64 - bits;
  }
}
