package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.cpu.system.Segmentation;
import dev.ringzero.cpu.vector.Packed;
import dev.ringzero.x86.Width;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Moves between MMX registers, general registers and memory.
 *
 * @spec Intel SDM Vol. 1, "MMX Data Transfer Instructions"
 */
final class MmxMoves {
  private MmxMoves() {}

  static Semantics of(String meaning) {
    return switch (meaning) {
      case "MOVD", "MOVQ" -> MmxMoves::move;
      case "MOVNTQ" -> MmxMoves::move;
      case "MASKMOVQ" -> MmxMoves::storeMasked;
      case "PINSRW" -> MmxMoves::insertWord;
      case "PEXTRW" -> MmxMoves::extractWord;
      case "PMOVMSKB" -> MmxMoves::moveMask;
      default -> null;
    };
  }

  private static void move(Cpu cpu, Instruction i) {
    X87 x = Access.mmx(cpu);
    int register = i.reg & 7;
    if (i.operand(0).place() == Operand.Place.MMX_REG) {
      long value = read(cpu, x, i, 1);
      x.enterMmx();
      x.setMmx(register, value);
      return;
    }
    if (i.operand(0).place() == Operand.Place.MMX_RM && !i.hasMemory()) {
      x.enterMmx();
      x.setMmx(i.rm & 7, x.significand[register]);
      return;
    }
    int width = Operands.width(cpu, i, 0);
    if (i.hasMemory()) {
      long linear = Operands.linear(cpu, i, width >> 3, true);
      Operands.store(cpu, linear, width, Width.truncate(width, x.significand[register]));
    } else {
      Operands.setRegister(cpu, i.rm, width, x.significand[register]);
    }
    x.enterMmx();
  }

  private static long read(Cpu cpu, X87 x, Instruction i, int place) {
    if (!i.hasMemory() && i.operand(place).place() == Operand.Place.MMX_RM) {
      return x.significand[i.rm & 7];
    }
    int width = Operands.width(cpu, i, place);
    return i.hasMemory()
        ? Operands.load(cpu, Operands.linear(cpu, i, width >> 3, false), width)
        : Width.truncate(width, cpu.gpr[i.rm]);
  }

  /** Bytes whose mask has its top bit set go to DS:rDI. */
  private static void storeMasked(Cpu cpu, Instruction i) {
    X87 x = Access.mmx(cpu);
    long mask = Packed.signBytes(x.significand[i.rm & 7]);
    long value = x.significand[i.reg & 7];
    long offset = Width.truncate(i.addressSize, cpu.gpr[Cpu.RDI]);
    long linear = Segmentation.linear(cpu, i.segment, offset, 8, true);
    cpu.mmu.probeWrite(linear, 8);
    for (int n = 0; n < 8; n++) {
      if ((mask >>> n & 1) != 0) {
        cpu.mmu.write8(linear + n, value >>> 8 * n & 0xFF);
      }
    }
    x.enterMmx();
  }

  private static void insertWord(Cpu cpu, Instruction i) {
    X87 x = Access.mmx(cpu);
    long word =
        i.hasMemory() ? cpu.mmu.read16(Operands.linear(cpu, i, 2, false)) : cpu.gpr[i.rm] & 0xFFFF;
    x.enterMmx();
    int register = i.reg & 7;
    int shift = (int) (i.immediate & 3) * 16;
    x.setMmx(register, x.significand[register] & ~(0xFFFFL << shift) | word << shift);
  }

  private static void extractWord(Cpu cpu, Instruction i) {
    X87 x = Access.mmx(cpu);
    x.enterMmx();
    cpu.gpr[i.reg] = x.significand[i.rm & 7] >>> (i.immediate & 3) * 16 & 0xFFFF;
  }

  private static void moveMask(Cpu cpu, Instruction i) {
    X87 x = Access.mmx(cpu);
    x.enterMmx();
    cpu.gpr[i.reg] = Packed.signBytes(x.significand[i.rm & 7]);
  }
}
