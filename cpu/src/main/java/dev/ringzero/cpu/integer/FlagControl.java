package dev.ringzero.cpu.integer;

import static dev.ringzero.cpu.Cpu.RAX;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Instructions that set single flags.
 *
 * @spec Intel SDM Vol. 2, "CLC", "CLD", "CMC", "LAHF", "SAHF", "STC", "STD"
 */
final class FlagControl {
  /** Flags that LAHF and SAHF move. */
  private static final long AH_FLAGS = Rflags.SF | Rflags.ZF | Rflags.AF | Rflags.PF | Rflags.CF;

  private FlagControl() {}

  static void clc(Cpu cpu, Instruction i) {
    Flags.carry(cpu, false);
  }

  static void stc(Cpu cpu, Instruction i) {
    Flags.carry(cpu, true);
  }

  static void cmc(Cpu cpu, Instruction i) {
    Flags.carry(cpu, !Flags.carry(cpu));
  }

  static void cld(Cpu cpu, Instruction i) {
    cpu.systemFlags &= ~Rflags.DF;
  }

  static void std(Cpu cpu, Instruction i) {
    cpu.systemFlags |= Rflags.DF;
  }

  static void lahf(Cpu cpu, Instruction i) {
    long flags = Flags.status(cpu) & AH_FLAGS | Rflags.FIXED;
    cpu.gpr[RAX] = cpu.gpr[RAX] & ~0xFF00L | flags << 8;
  }

  static void sahf(Cpu cpu, Instruction i) {
    Flags.status(cpu, AH_FLAGS, cpu.gpr[RAX] >>> 8);
  }
}
