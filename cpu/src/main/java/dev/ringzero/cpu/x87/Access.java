package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * What x87 and MMX instructions share: whether the unit may be used, and memory operands.
 *
 * <p>Not modelled: error reporting over FERR# and IRQ 13 (CR0.NE clear); a pending exception is
 * then not reported.
 */
final class Access {
  private Access() {}

  /** Checks that the unit may be used. */
  static X87 available(Cpu cpu) {
    if ((cpu.cr0 & (Cr0.EM | Cr0.TS)) != 0) {
      throw cpu.fault(Vector.NM);
    }
    return cpu.x87;
  }

  /** Checks that the unit may be used, and delivers a pending exception. */
  static X87 waiting(Cpu cpu) {
    X87 x = available(cpu);
    deliverPending(cpu, x);
    return x;
  }

  /** Checks and bookkeeping of a computing instruction without a memory operand. */
  static X87 begin(Cpu cpu) {
    X87 x = waiting(cpu);
    x.result.start(x.controlWord);
    x.instructionPointer = cpu.rip;
    return x;
  }

  /** Checks of an MMX instruction. */
  static X87 mmx(Cpu cpu) {
    if ((cpu.cr0 & Cr0.EM) != 0) {
      throw cpu.invalidOpcode();
    }
    return waiting(cpu);
  }

  static void deliverPending(Cpu cpu, X87 x) {
    if (x.exceptionPending() && (cpu.cr0 & Cr0.NE) != 0) {
      throw cpu.fault(Vector.MF);
    }
  }

  /** Width of the memory operand. */
  static Operand.Size memorySize(Instruction i) {
    for (Operand operand : i.form.operands) {
      if (operand.place() != Operand.Place.ST && operand.place() != Operand.Place.FIXED_ST) {
        return operand.size();
      }
    }
    throw new IllegalStateException("no memory operand in " + i.form);
  }

  static int bits(Operand.Size size) {
    return switch (size) {
      case WORD -> 16;
      case DWORD -> 32;
      case QWORD -> 64;
      case TBYTE -> 80;
      default -> throw new IllegalStateException("not a size of x87 data: " + size);
    };
  }

  /** Loads a floating-point operand of 32, 64 or 80 bits, exactly, into the result. */
  static void loadReal(Cpu cpu, Instruction i, Result r) {
    int bits = bits(memorySize(i));
    long linear = Operands.linear(cpu, i, bits >> 3, false);
    switch (bits) {
      case 32 -> Conversion.fromSingle(r, cpu.mmu.read32(linear));
      case 64 -> Conversion.fromDouble(r, cpu.mmu.read64(linear));
      default -> {
        long significand = cpu.mmu.read64(linear);
        r.set((int) cpu.mmu.read16(linear + 8), significand);
      }
    }
  }

  /** Loads a signed integer of 16, 32 or 64 bits, exactly, into the result. */
  static void loadInteger(Cpu cpu, Instruction i, Result r) {
    int bits = bits(memorySize(i));
    long linear = Operands.linear(cpu, i, bits >> 3, false);
    Conversion.fromInteger(
        r,
        switch (bits) {
          case 16 -> (short) cpu.mmu.read16(linear);
          case 32 -> (int) cpu.mmu.read32(linear);
          default -> cpu.mmu.read64(linear);
        });
  }

  /** Linear address of a memory destination that can be written. */
  static long destination(Cpu cpu, Instruction i, int sizeBytes) {
    long linear = Operands.linear(cpu, i, sizeBytes, true);
    cpu.mmu.probeWrite(linear, sizeBytes);
    return linear;
  }

  /** Writes an operand of up to 64 bits. */
  static void write(Cpu cpu, long linear, int bits, long value) {
    switch (bits) {
      case 16 -> cpu.mmu.write16(linear, value & 0xFFFF);
      case 32 -> cpu.mmu.write32(linear, value & 0xFFFF_FFFFL);
      default -> cpu.mmu.write64(linear, value);
    }
  }

  /**
   * Ends an operation whose result is in {@link X87#result}: takes its exceptions, and unless one
   * of them prevents it, writes the destination and pops.
   */
  static void commit(X87 x, int register, int pops) {
    Result r = x.result;
    if (r.suppressed()) {
      x.raise(r.raised & StatusWord.BEFORE_COMPUTATION);
      return;
    }
    x.raise(r.raised);
    x.set(register, r.signExponent, r.significand);
    x.pop(pops);
  }

  /** Reports an empty source register; masked, the destination gets the indefinite. */
  static void underflow(X87 x, int register, int pops) {
    if (x.stackFault(false)) {
      x.setIndefinite(register);
      x.pop(pops);
    }
  }
}
