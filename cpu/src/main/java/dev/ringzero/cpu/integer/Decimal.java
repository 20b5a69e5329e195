package dev.ringzero.cpu.integer;

import static dev.ringzero.cpu.Cpu.RAX;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Decimal adjustment of AL and AX.
 *
 * @spec Intel SDM Vol. 2, "AAA", "AAD", "AAM", "AAS", "DAA", "DAS"
 */
final class Decimal {
  private Decimal() {}

  static void daa(Cpu cpu, Instruction i) {
    adjustPacked(cpu, 1);
  }

  static void das(Cpu cpu, Instruction i) {
    adjustPacked(cpu, -1);
  }

  private static void adjustPacked(Cpu cpu, int sign) {
    int old = al(cpu);
    boolean oldCarry = Flags.carry(cpu);
    boolean low = (old & 0xF) > 9 || Flags.auxiliary(cpu);
    boolean high = old > 0x99 || oldCarry;
    int result = old + sign * ((low ? 6 : 0) + (high ? 0x60 : 0));
    boolean borrow = sign < 0 && low && old < 6;
    finish(cpu, result & 0xFF, high || borrow, low);
  }

  private static void finish(Cpu cpu, int al, boolean carry, boolean auxiliary) {
    Operands.setRegister(cpu, RAX, 8, al);
    Flags.logical(cpu, 8, al);
    adjustmentFlags(cpu, carry, auxiliary);
  }

  private static void adjustmentFlags(Cpu cpu, boolean carry, boolean auxiliary) {
    long flags = (carry ? Rflags.CF : 0) | (auxiliary ? Rflags.AF : 0);
    Flags.status(cpu, Rflags.CF | Rflags.AF, flags);
  }

  static void aaa(Cpu cpu, Instruction i) {
    adjustUnpacked(cpu, 0x106);
  }

  static void aas(Cpu cpu, Instruction i) {
    adjustUnpacked(cpu, -0x106);
  }

  private static void adjustUnpacked(Cpu cpu, int adjustment) {
    boolean adjust = (al(cpu) & 0xF) > 9 || Flags.auxiliary(cpu);
    long ax = cpu.gpr[RAX] + (adjust ? adjustment : 0);
    Operands.setRegister(cpu, RAX, 16, ax & 0xFF0F);
    Flags.logical(cpu, 8, ax & 0xF);
    adjustmentFlags(cpu, adjust, adjust);
  }

  static void aam(Cpu cpu, Instruction i) {
    int base = (int) i.immediate & 0xFF;
    if (base == 0) {
      throw cpu.fault(Vector.DE);
    }
    int al = al(cpu);
    Operands.setRegister(cpu, RAX, 16, al / base << 8 | al % base);
    Flags.logical(cpu, 8, al % base);
  }

  static void aad(Cpu cpu, Instruction i) {
    int base = (int) i.immediate & 0xFF;
    int ah = (int) (cpu.gpr[RAX] >>> 8) & 0xFF;
    int result = al(cpu) + ah * base & 0xFF;
    Operands.setRegister(cpu, RAX, 16, result);
    Flags.logical(cpu, 8, result);
  }

  private static int al(Cpu cpu) {
    return (int) cpu.gpr[RAX] & 0xFF;
  }
}
