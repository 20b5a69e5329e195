package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Identification, time, randomness, waiting, and what goes to the monitor.
 *
 * <p>Not modelled: performance counters (RDPMC raises #GP); MONITOR arms nothing, and what MWAIT
 * waits for is the monitor's choice.
 */
final class ProcessorInstructions {
  private ProcessorInstructions() {}

  static void cpuid(Cpu cpu, Instruction i) {
    throw cpu.exit(ExitReason.CPUID, 0, i.length);
  }

  static void vmmcall(Cpu cpu, Instruction i) {
    if (cpu.level != null) {
      throw cpu.invalidOpcode();
    }
    vmcall(cpu, i);
  }

  static void vmcall(Cpu cpu, Instruction i) {
    throw cpu.exit(ExitReason.VMCALL, 0, i.length);
  }

  static void hlt(Cpu cpu, Instruction i) {
    Privilege.requireSupervisor(cpu);
    throw cpu.exit(ExitReason.HLT, 0, i.length);
  }

  static void mwait(Cpu cpu, Instruction i) {
    requireSupervisorOrUndefined(cpu);
    throw cpu.exit(ExitReason.MWAIT, 0, i.length);
  }

  static void monitor(Cpu cpu, Instruction i) {
    requireSupervisorOrUndefined(cpu);
    if ((int) cpu.gpr[Cpu.RCX] != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    long offset = SystemOperands.truncate(cpu.gpr[Cpu.RAX], i.addressSize);
    cpu.mmu.probeRead(Segmentation.linear(cpu, i.segment, offset, 1, false), 1);
  }

  private static void requireSupervisorOrUndefined(Cpu cpu) {
    if (cpu.cpl != 0) {
      throw cpu.invalidOpcode();
    }
  }

  static void rdtsc(Cpu cpu, Instruction i) {
    SystemOperands.writePair(cpu, readTimeStamp(cpu));
  }

  static void rdtscp(Cpu cpu, Instruction i) {
    SystemOperands.writePair(cpu, readTimeStamp(cpu));
    cpu.gpr[Cpu.RCX] = cpu.system.tscAux;
  }

  private static long readTimeStamp(Cpu cpu) {
    if ((cpu.cr4 & Cr4.TSD) != 0 && cpu.cpl != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    return ModelSpecificRegisters.timeStamp(cpu);
  }

  static void rdpid(Cpu cpu, Instruction i) {
    cpu.gpr[i.rm] = cpu.system.tscAux;
  }

  static void rdpmc(Cpu cpu, Instruction i) {
    throw cpu.fault(Vector.GP, 0);
  }

  static void random(Cpu cpu, Instruction i) {
    byte[] bytes = cpu.system.randomBytes;
    cpu.entropy.fill(bytes);
    long value = 0;
    for (byte b : bytes) {
      value = value << 8 | b & 0xFF;
    }
    SystemOperands.writeRegister(cpu, i.rm, i.operandSize, value);
    Flags.status(cpu, Rflags.CF);
  }

  static void nothing(Cpu cpu, Instruction i) {}

  static void undefined(Cpu cpu, Instruction i) {
    throw cpu.invalidOpcode();
  }

  /** CLFLUSH and kin: the address is checked as for a load; there is no cache to flush. */
  static void flushLine(Cpu cpu, Instruction i) {
    cpu.mmu.probeRead(Operands.linear(cpu, i, 1, false), 1);
  }

  static void rdmsr(Cpu cpu, Instruction i) {
    Privilege.requireSupervisor(cpu);
    int index = (int) cpu.gpr[Cpu.RCX];
    if (!ModelSpecificRegisters.holds(cpu, index)) {
      throw cpu.exit(ExitReason.RDMSR, index & 0xFFFF_FFFFL, i.length);
    }
    SystemOperands.writePair(cpu, ModelSpecificRegisters.read(cpu, index));
  }

  static void wrmsr(Cpu cpu, Instruction i) {
    Privilege.requireSupervisor(cpu);
    int index = (int) cpu.gpr[Cpu.RCX];
    if (!ModelSpecificRegisters.holds(cpu, index)) {
      throw cpu.exit(ExitReason.WRMSR, index & 0xFFFF_FFFFL, i.length);
    }
    ModelSpecificRegisters.write(cpu, index, SystemOperands.readPair(cpu));
  }
}
