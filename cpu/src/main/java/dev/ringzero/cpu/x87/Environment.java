package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Instruction;

/**
 * The x87 environment in memory, alone (FLDENV, FNSTENV) and with the registers behind it (FRSTOR,
 * FNSAVE), in the 16- and 32-bit formats of real and protected mode.
 *
 * @spec Intel SDM Vol. 1, "Saving the x87 FPU's State with FSTENV/FNSTENV and FSAVE/FNSAVE"
 */
final class Environment {
  private static final int REGISTER_BYTES = 10;
  private static final int ALL_MASKED = StatusWord.EXCEPTIONS;

  private Environment() {}

  static void store(Cpu cpu, Instruction i) {
    X87 x = Access.available(cpu);
    int bytes = environmentBytes(i);
    write(cpu, x, i, Access.destination(cpu, i, bytes));
    x.control(x.controlWord | ALL_MASKED);
  }

  static void save(Cpu cpu, Instruction i) {
    X87 x = Access.available(cpu);
    int bytes = environmentBytes(i);
    long linear = Access.destination(cpu, i, bytes + 8 * REGISTER_BYTES);
    write(cpu, x, i, linear);
    for (int n = 0; n < 8; n++) {
      int register = x.st(n);
      long at = linear + bytes + n * REGISTER_BYTES;
      cpu.mmu.write64(at, x.significand[register]);
      cpu.mmu.write16(at + 8, x.signExponent[register]);
    }
    x.initialize();
  }

  static void load(Cpu cpu, Instruction i) {
    X87 x = Access.waiting(cpu);
    int bytes = environmentBytes(i);
    long linear = Operands.linear(cpu, i, bytes, false);
    cpu.mmu.probeRead(linear, bytes);
    read(cpu, x, i, linear);
  }

  static void restore(Cpu cpu, Instruction i) {
    X87 x = Access.waiting(cpu);
    int bytes = environmentBytes(i);
    int all = bytes + 8 * REGISTER_BYTES;
    long linear = Operands.linear(cpu, i, all, false);
    cpu.mmu.probeRead(linear, all);
    read(cpu, x, i, linear);
    for (int n = 0; n < 8; n++) {
      int register = x.st(n);
      long at = linear + bytes + n * REGISTER_BYTES;
      x.significand[register] = cpu.mmu.read64(at);
      x.signExponent[register] = (int) cpu.mmu.read16(at + 8);
    }
  }

  private static boolean isWide(Instruction i) {
    return i.operandSize != 16;
  }

  private static int environmentBytes(Instruction i) {
    return isWide(i) ? 28 : 14;
  }

  private static boolean realFormat(Cpu cpu) {
    return (cpu.cr0 & Cr0.PE) == 0 || (cpu.systemFlags & Rflags.VM) != 0;
  }

  private static void write(Cpu cpu, X87 x, Instruction i, long linear) {
    if (isWide(i)) {
      writeWide(cpu, x, linear);
    } else {
      writeNarrow(cpu, x, linear);
    }
  }

  private static void writeWide(Cpu cpu, X87 x, long linear) {
    long unused = 0xFFFF_0000L;
    boolean real = realFormat(cpu);
    long ip = x.instructionPointer & 0xFFFF_FFFFL;
    long dp = x.dataPointer & 0xFFFF_FFFFL;
    cpu.mmu.write32(linear, unused | x.controlWord);
    cpu.mmu.write32(linear + 4, unused | x.status());
    cpu.mmu.write32(linear + 8, unused | x.tagWord());
    cpu.mmu.write32(linear + 12, real ? unused | ip & 0xFFFF : ip);
    cpu.mmu.write32(linear + 16, real ? ip >>> 16 << 12 | x.opcode : (long) x.opcode << 16);
    cpu.mmu.write32(linear + 20, real ? unused | dp & 0xFFFF : dp);
    cpu.mmu.write32(linear + 24, real ? dp >>> 16 << 12 : unused);
  }

  private static void writeNarrow(Cpu cpu, X87 x, long linear) {
    boolean real = realFormat(cpu);
    long ip = x.instructionPointer;
    long dp = x.dataPointer;
    cpu.mmu.write16(linear, x.controlWord);
    cpu.mmu.write16(linear + 2, x.status());
    cpu.mmu.write16(linear + 4, x.tagWord());
    cpu.mmu.write16(linear + 6, ip & 0xFFFF);
    cpu.mmu.write16(linear + 8, real ? (ip >>> 4 & 0xF000) | x.opcode : 0);
    cpu.mmu.write16(linear + 10, dp & 0xFFFF);
    cpu.mmu.write16(linear + 12, real ? dp >>> 4 & 0xF000 : 0);
  }

  private static void read(Cpu cpu, X87 x, Instruction i, long linear) {
    boolean wide = isWide(i);
    int step = wide ? 4 : 2;
    boolean real = realFormat(cpu);
    long ip = field(cpu, linear + 3 * step, wide && !real);
    long ipHigh = field(cpu, linear + 4 * step, wide);
    long dp = field(cpu, linear + 5 * step, wide && !real);
    long dpHigh = field(cpu, linear + 6 * step, wide);
    x.controlWord = (int) cpu.mmu.read16(linear) & ControlWord.WRITABLE | ControlWord.FIXED_ONE;
    x.status((int) cpu.mmu.read16(linear + step));
    x.tagWord((int) cpu.mmu.read16(linear + 2 * step));
    if (real) {
      x.opcode = (int) ipHigh & 0x7FF;
      ip |= (ipHigh >>> 12 & (wide ? 0xFFFF : 0xF)) << 16;
      dp |= (dpHigh >>> 12 & (wide ? 0xFFFF : 0xF)) << 16;
    } else if (wide) {
      x.opcode = (int) (ipHigh >>> 16) & 0x7FF;
    }
    x.instructionPointer = ip;
    x.dataPointer = dp;
  }

  private static long field(Cpu cpu, long linear, boolean wide) {
    return wide ? cpu.mmu.read32(linear) : cpu.mmu.read16(linear);
  }
}
