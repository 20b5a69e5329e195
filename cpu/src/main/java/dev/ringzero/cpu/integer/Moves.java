package dev.ringzero.cpu.integer;

import static dev.ringzero.cpu.Cpu.RAX;
import static dev.ringzero.cpu.Cpu.RBX;
import static dev.ringzero.cpu.Cpu.RCX;
import static dev.ringzero.cpu.Cpu.RDX;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.system.Segmentation;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.Width;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Moves, conversions and exchanges.
 *
 * @spec Intel SDM Vol. 2, "BOUND", "CBW/CWDE/CDQE", "CMOVcc", "CWD/CDQ/CQO", "LEA", "MOV",
 *     "MOVSX/MOVSXD", "MOVZX", "SETcc", "XCHG", "XLAT/XLATB"
 */
final class Moves {
  private Moves() {}

  static void mov(Cpu cpu, Instruction i) {
    Operands.write(cpu, i, 0, Operands.read(cpu, i, 1));
  }

  static void movsx(Cpu cpu, Instruction i) {
    int width = Operands.width(cpu, i, 1);
    Operands.write(cpu, i, 0, Width.signExtend(width, Operands.read(cpu, i, 1)));
  }

  static void lea(Cpu cpu, Instruction i) {
    Operands.write(cpu, i, 0, cpu.offset(i));
  }

  static void cmov(Cpu cpu, Instruction i) {
    // The source is read in any case, and a 32-bit destination loses its upper half in any case.
    long source = Operands.read(cpu, i, 1);
    boolean taken = Flags.condition(cpu, i.form.condition);
    Operands.write(cpu, i, 0, taken ? source : Operands.read(cpu, i, 0));
  }

  static void setcc(Cpu cpu, Instruction i) {
    Operands.write(cpu, i, 0, Flags.condition(cpu, i.form.condition) ? 1 : 0);
  }

  /** CBW, CWDE, CDQE. */
  static void cbw(Cpu cpu, Instruction i) {
    long half = Width.signExtend(i.operandSize / 2, cpu.gpr[RAX]);
    Operands.setRegister(cpu, RAX, i.operandSize, half);
  }

  /** CWD, CDQ, CQO. */
  static void cwd(Cpu cpu, Instruction i) {
    long sign = Width.signExtend(i.operandSize, cpu.gpr[RAX]) >> 63;
    Operands.setRegister(cpu, RDX, i.operandSize, sign);
  }

  static void xlat(Cpu cpu, Instruction i) {
    long offset = Width.truncate(i.addressSize, cpu.gpr[RBX] + (cpu.gpr[RAX] & 0xFF));
    long linear = Segmentation.linear(cpu, i.segment, offset, 1, false);
    Operands.setRegister(cpu, RAX, 8, cpu.mmu.read8(linear));
  }

  /** BOUND: #BR unless the signed index lies between the two bounds. */
  static void bound(Cpu cpu, Instruction i) {
    int width = i.operandSize;
    long linear = Operands.linear(cpu, i, width >> 2, false);
    long index = Width.signExtend(width, Operands.read(cpu, i, 0));
    long lower = Width.signExtend(width, Operands.load(cpu, linear, width));
    long upper = Width.signExtend(width, Operands.load(cpu, linear + (width >> 3), width));
    if (index < lower || index > upper) {
      throw cpu.fault(Vector.BR);
    }
  }

  /** XCHG; with memory it is locked with or without prefix. */
  static void xchg(Cpu cpu, Instruction i) {
    int memory = Operands.inMemory(i, 1) ? 1 : 0;
    int register = 1 - memory;
    long value = Operands.read(cpu, i, register);
    long old;
    if (Operands.inMemory(i, memory)) {
      int width = Operands.width(cpu, i, memory);
      long linear = Operands.linear(cpu, i, width >> 3, true);
      old = cpu.mmu.exchange(linear, width >> 3, value);
    } else {
      old = Operands.read(cpu, i, memory);
      Operands.write(cpu, i, memory, value);
    }
    Operands.write(cpu, i, register, old);
  }

  static void xadd(Cpu cpu, Instruction i) {
    long source = Operands.read(cpu, i, 1);
    int width = Operands.width(cpu, i, 0);
    if (i.lock) {
      long linear = Operands.linear(cpu, i, width >> 3, true);
      long old = cpu.mmu.getAndAdd(linear, width >> 3, source);
      Arithmetic.add(cpu, width, old, source);
      Operands.write(cpu, i, 1, old);
    } else if (Operands.inMemory(i, 0)) {
      Operands.write(cpu, i, 1, Bindings.modify(cpu, i, Arithmetic::add, source));
    } else {
      // The sum goes to the first operand last, which matters where both are one register.
      long old = Operands.read(cpu, i, 0);
      Operands.write(cpu, i, 1, old);
      Operands.write(cpu, i, 0, Arithmetic.add(cpu, width, old, source));
    }
  }

  static void cmpxchg(Cpu cpu, Instruction i) {
    int width = Operands.width(cpu, i, 0);
    long expected = Width.truncate(width, cpu.gpr[RAX]);
    long source = Operands.read(cpu, i, 1);
    long old;
    if (Operands.inMemory(i, 0)) {
      // Memory is written in any case: with what it held, if that is not as expected.
      old = Bindings.modify(cpu, i, (c, w, d, s) -> d == expected ? s : d, source);
    } else {
      old = Operands.read(cpu, i, 0);
      if (old == expected) {
        Operands.write(cpu, i, 0, source);
      }
    }
    Arithmetic.sub(cpu, width, expected, old);
    if (old != expected) {
      Operands.setRegister(cpu, RAX, width, old);
    }
  }

  static void cmpxchg8b(Cpu cpu, Instruction i) {
    long linear = Operands.linear(cpu, i, 8, true);
    long expected = pair(cpu.gpr[RDX], cpu.gpr[RAX]);
    long desired = pair(cpu.gpr[RCX], cpu.gpr[RBX]);
    long old = cpu.mmu.compareAndExchange(linear, 8, expected, desired);
    Flags.status(cpu, Rflags.ZF, old == expected ? Rflags.ZF : 0);
    if (old != expected) {
      cpu.gpr[RAX] = old & 0xFFFF_FFFFL;
      cpu.gpr[RDX] = old >>> 32;
    }
  }

  private static long pair(long high, long low) {
    return high << 32 | low & 0xFFFF_FFFFL;
  }

  static void cmpxchg16b(Cpu cpu, Instruction i) {
    long linear = Operands.linear(cpu, i, 16, true);
    if ((linear & 15) != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    long[] operand = cpu.wide;
    operand[0] = cpu.gpr[RAX];
    operand[1] = cpu.gpr[RDX];
    operand[2] = cpu.gpr[RBX];
    operand[3] = cpu.gpr[RCX];
    boolean equal = cpu.mmu.compareAndExchange128(linear, operand, i.lock);
    Flags.status(cpu, Rflags.ZF, equal ? Rflags.ZF : 0);
    if (!equal) {
      cpu.gpr[RAX] = operand[0];
      cpu.gpr[RDX] = operand[1];
    }
  }
}
