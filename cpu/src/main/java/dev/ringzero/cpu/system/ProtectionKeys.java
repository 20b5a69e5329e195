package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * The rights registers of protection keys.
 *
 * @spec Intel SDM Vol. 3A, "Protection Keys"
 */
public final class ProtectionKeys {
  private ProtectionKeys() {}

  static void rdpkru(Cpu cpu, Instruction i) {
    require(cpu, 0);
    cpu.gpr[Cpu.RAX] = cpu.system.pkru & 0xFFFF_FFFFL;
    cpu.gpr[Cpu.RDX] = 0;
  }

  static void wrpkru(Cpu cpu, Instruction i) {
    require(cpu, (int) cpu.gpr[Cpu.RDX]);
    writePkru(cpu, (int) cpu.gpr[Cpu.RAX]);
  }

  private static void require(Cpu cpu, int zero) {
    if ((cpu.cr4 & Cr4.PKE) == 0) {
      throw cpu.invalidOpcode();
    }
    if (((int) cpu.gpr[Cpu.RCX] | zero) != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  /** PKRU has a new value. */
  public static void writePkru(Cpu cpu, int value) {
    cpu.system.pkru = value;
    cpu.mmu.modeChanged();
  }

  static void writePkrs(Cpu cpu, long value) {
    cpu.system.pkrs = (int) value;
    cpu.mmu.modeChanged();
  }
}
