package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Instructions on control registers, and those that invalidate translations or caches.
 *
 * @spec Intel SDM Vol. 2B, "MOV—Move to/from Control Registers"; Vol. 2A, "INVPCID"; "LMSW"
 */
final class ControlRegisterInstructions {
  private static final long LMSW = Cr0.PE | Cr0.MP | Cr0.EM | Cr0.TS; // what LMSW loads

  private ControlRegisterInstructions() {}

  static void mov(Cpu cpu, Instruction i) {
    Privilege.requireSupervisor(cpu);
    if (i.operand(0).place() == Operand.Place.CONTROL) {
      write(cpu, i.reg, cpu.codeSize == 64 ? cpu.gpr[i.rm] : cpu.gpr[i.rm] & 0xFFFF_FFFFL);
    } else {
      long value = read(cpu, i.reg);
      cpu.gpr[i.rm] = cpu.codeSize == 64 ? value : value & 0xFFFF_FFFFL;
    }
  }

  private static long read(Cpu cpu, int number) {
    return switch (number) {
      case 0 -> cpu.cr0;
      case 2 -> cpu.cr2;
      case 3 -> cpu.cr3;
      case 4 -> cpu.cr4;
      case 8 -> cpu.interrupts.taskPriority();
      default -> throw cpu.invalidOpcode();
    };
  }

  private static void write(Cpu cpu, int number, long value) {
    switch (number) {
      case 0 -> ControlRegisters.writeCr0(cpu, value);
      case 2 -> cpu.cr2 = value;
      case 3 -> ControlRegisters.writeCr3(cpu, value);
      case 4 -> ControlRegisters.writeCr4(cpu, value);
      case 8 -> ControlRegisters.writeCr8(cpu, value);
      default -> throw cpu.invalidOpcode();
    }
  }

  static void lmsw(Cpu cpu, Instruction i) {
    Privilege.requireSupervisor(cpu);
    long keepsProtection = cpu.cr0 & Cr0.PE;
    long value = SystemOperands.readSelector(cpu, i) & LMSW | keepsProtection;
    ControlRegisters.writeCr0(cpu, cpu.cr0 & ~LMSW | value);
  }

  static void smsw(Cpu cpu, Instruction i) {
    Privilege.checkUserModePrevention(cpu);
    SystemOperands.writeSelector(cpu, i, cpu.cr0);
  }

  static void clts(Cpu cpu, Instruction i) {
    Privilege.requireSupervisor(cpu);
    cpu.cr0 &= ~Cr0.TS;
  }

  static void invlpg(Cpu cpu, Instruction i) {
    Privilege.requireSupervisor(cpu);
    long linear = cpu.offset(i);
    if (cpu.codeSize != 64) {
      linear = cpu.segmentBase[i.segment] + linear & 0xFFFF_FFFFL;
    } else if (i.segment >= Cpu.FS) {
      linear += cpu.segmentBase[i.segment];
    }
    if (Segmentation.canonical(linear)) {
      cpu.mmu.invalidatePage(linear);
    }
  }

  static void invpcid(Cpu cpu, Instruction i) {
    Privilege.requireSupervisor(cpu);
    long descriptor = Operands.linear(cpu, i, 16, false);
    long pcid = cpu.mmu.read64(descriptor);
    long linear = cpu.mmu.read64(descriptor + 8);
    long type = cpu.codeSize == 64 ? cpu.gpr[i.reg] : cpu.gpr[i.reg] & 0xFFFF_FFFFL;
    boolean needsPcid = type == 0 || type == 1;
    if (Long.compareUnsigned(type, 3) > 0
        || needsPcid && pcid >>> 12 != 0
        || needsPcid && pcid != 0 && (cpu.cr4 & Cr4.PCIDE) == 0
        || type == 0 && !Segmentation.canonical(linear)) {
      throw cpu.fault(Vector.GP, 0);
    }
    switch ((int) type) {
      case 0 -> cpu.mmu.invalidatePage(linear, (int) pcid);
      case 1 -> cpu.mmu.flushPcid((int) pcid);
      case 2 -> cpu.mmu.flushAll();
      default -> cpu.mmu.flushAllButGlobal();
    }
  }

  /** INVD and WBINVD: there is no cache to write back. */
  static void invalidateCaches(Cpu cpu, Instruction i) {
    Privilege.requireSupervisor(cpu);
  }

  static void xsetbv(Cpu cpu, Instruction i) {
    requireXsave(cpu);
    Privilege.requireSupervisor(cpu);
    if ((int) cpu.gpr[Cpu.RCX] != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    ControlRegisters.writeXcr0(cpu, SystemOperands.readPair(cpu));
  }

  static void xgetbv(Cpu cpu, Instruction i) {
    requireXsave(cpu);
    switch ((int) cpu.gpr[Cpu.RCX]) {
      case 0 -> SystemOperands.writePair(cpu, cpu.xcr0);
      case 1 -> SystemOperands.writePair(cpu, ControlRegisters.statesInUse(cpu));
      default -> throw cpu.fault(Vector.GP, 0);
    }
  }

  private static void requireXsave(Cpu cpu) {
    if ((cpu.cr4 & Cr4.OSXSAVE) == 0) {
      throw cpu.invalidOpcode();
    }
  }
}
