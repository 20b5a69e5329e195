package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.system.Segmentation;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Where vector instructions find their operands, and whether they may run at all. An operand is an
 * index into {@link Cpu#vector}; one in memory is first brought into the elements behind the
 * registers, so that the meaning of an instruction knows no difference.
 *
 * @spec Intel SDM Vol. 2A, "Exceptions Type of Instructions"
 */
final class Access {
  /** Element at which a memory operand is put. */
  static final int MEMORY = 64;

  /** Elements for results under work, for instructions that may still fault. */
  static final int WORK = 72;

  private static final long XCR0_SSE_AVX = 6;

  private Access() {}

  /** #UD and #NM as the state of the system asks for them. */
  static void check(Cpu cpu, Instruction i) {
    if (i.vex) {
      if ((cpu.cr4 & Cr4.OSXSAVE) == 0
          || (cpu.xcr0 & XCR0_SSE_AVX) != XCR0_SSE_AVX
          || (cpu.cr0 & Cr0.PE) == 0
          || (cpu.systemFlags & Rflags.VM) != 0) {
        throw cpu.invalidOpcode();
      }
    } else if ((cpu.cr0 & Cr0.EM) != 0 || (cpu.cr4 & Cr4.OSFXSR) == 0) {
      throw cpu.invalidOpcode();
    }
    if ((cpu.cr0 & Cr0.TS) != 0) {
      throw cpu.fault(Vector.NM);
    }
  }

  static boolean isWide(Instruction i) {
    return i.vectorLength == 256;
  }

  static int reg(Instruction i) {
    return i.reg << 2;
  }

  /** The first source: VEX.vvvv, or the destination in the legacy form. */
  static int first(Instruction i) {
    return (i.vex ? i.vvvv : i.reg) << 2;
  }

  /** The r/m operand of full vector length. */
  static int rm(Cpu cpu, Instruction i) {
    if (i.mod == 3) {
      return i.rm << 2;
    }
    if (isWide(i)) {
      cpu.mmu.read256(linear(cpu, i, 32, false), cpu.vector, MEMORY);
    } else {
      cpu.mmu.read128(linear(cpu, i, 16, false), cpu.vector, MEMORY);
    }
    return MEMORY;
  }

  /** The r/m operand of 128 bits, whatever the vector length. */
  static int rm128(Cpu cpu, Instruction i) {
    if (i.mod == 3) {
      return i.rm << 2;
    }
    cpu.mmu.read128(linear(cpu, i, 16, false), cpu.vector, MEMORY);
    return MEMORY;
  }

  /** The r/m operand of 64 bits. */
  static long rm64(Cpu cpu, Instruction i) {
    return i.mod == 3 ? cpu.vector[i.rm << 2] : cpu.mmu.read64(Operands.linear(cpu, i, 8, false));
  }

  /** The r/m operand of 32 bits, zero-extended. */
  static long rm32(Cpu cpu, Instruction i) {
    return i.mod == 3
        ? cpu.vector[i.rm << 2] & 0xFFFF_FFFFL
        : cpu.mmu.read32(Operands.linear(cpu, i, 4, false));
  }

  /** The r/m operand of 16 bits, zero-extended. */
  static long rm16(Cpu cpu, Instruction i) {
    return i.mod == 3
        ? cpu.vector[i.rm << 2] & 0xFFFFL
        : cpu.mmu.read16(Operands.linear(cpu, i, 2, false));
  }

  /** A part of a vector, as a memory operand or the low end of a register. */
  static long part(Cpu cpu, Instruction i, int sizeBytes) {
    return switch (sizeBytes) {
      case 8 -> rm64(cpu, i);
      case 4 -> rm32(cpu, i);
      default -> rm16(cpu, i);
    };
  }

  /** A general register or memory operand of 32 or, with W, 64 bits. */
  static long general(Cpu cpu, Instruction i) {
    if (i.w) {
      return i.mod == 3 ? cpu.gpr[i.rm] : cpu.mmu.read64(Operands.linear(cpu, i, 8, false));
    }
    return i.mod == 3
        ? cpu.gpr[i.rm] & 0xFFFF_FFFFL
        : cpu.mmu.read32(Operands.linear(cpu, i, 4, false));
  }

  /**
   * Linear address of an operand that may have to be aligned; that is checked first, so that a
   * stack operand that is not aligned gives #GP even if it is not canonical.
   */
  static long linear(Cpu cpu, Instruction i, int sizeBytes, boolean write) {
    if (i.form.is(Attribute.ALIGNED)) {
      long unchecked = cpu.segmentBase[i.segment] + cpu.offset(i);
      if ((unchecked & sizeBytes - 1) != 0) {
        throw cpu.fault(Vector.GP, 0);
      }
    }
    return Operands.linear(cpu, i, sizeBytes, write);
  }

  /** Linear address of DS:rDI (or with the segment overridden), checked. */
  static long stringDestination(Cpu cpu, Instruction i, int sizeBytes) {
    long offset = cpu.gpr[Cpu.RDI];
    if (i.addressSize != 64) {
      offset &= i.addressSize == 32 ? 0xFFFF_FFFFL : 0xFFFF;
    }
    return Segmentation.linear(cpu, i.segment, offset, sizeBytes, true);
  }

  /** Writes 128 bits; VEX clears what is above. */
  static void write128(Cpu cpu, Instruction i, int to, long low, long high) {
    long[] v = cpu.vector;
    v[to] = low;
    v[to + 1] = high;
    if (i.vex) {
      v[to + 2] = 0;
      v[to + 3] = 0;
    }
  }

  /** Writes the whole register from elements elsewhere, as long as the vector length says. */
  static void write(Cpu cpu, Instruction i, int to, int from) {
    long[] v = cpu.vector;
    if (isWide(i)) {
      v[to + 2] = v[from + 2];
      v[to + 3] = v[from + 3];
    } else if (i.vex) {
      v[to + 2] = 0;
      v[to + 3] = 0;
    }
    v[to] = v[from];
    v[to + 1] = v[from + 1];
  }
}
