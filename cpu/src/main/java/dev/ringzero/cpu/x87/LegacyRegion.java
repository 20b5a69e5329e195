package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;
import java.util.Arrays;

/**
 * The 512-byte image of FXSAVE and FXRSTOR, which is also the first part of the XSAVE area.
 *
 * <pre>
 *     0  FCW, FSW, FTW, FOP      24  MXCSR, MXCSR_MASK
 *     8  FIP, FCS                32  ST(0) to ST(7), 16 bytes each
 *    16  FDP, FDS               160  XMM0 to XMM15
 * </pre>
 *
 * @spec Intel SDM Vol. 1, "FXSAVE Area"
 */
final class LegacyRegion {
  static final int BYTES = 512;

  /** Bits of MXCSR that may be set. */
  static final int MXCSR_MASK = 0xFFFF;

  static final int MXCSR_INITIAL = 0x1F80;

  private static final int FSW = 2, FTW = 4, FOP = 6, FIP = 8, FDP = 16, MXCSR = 24, ST = 32;
  private static final int XMM = 160;
  private static final int ALIGNMENT = 16;

  private LegacyRegion() {}

  /** FXSAVE. */
  static void save(Cpu cpu, Instruction i) {
    X87 x = Access.available(cpu);
    long linear = linear(cpu, i, BYTES, ALIGNMENT, true);
    cpu.mmu.probeWrite(linear, BYTES);
    saveX87(cpu, x, linear, i.w);
    saveMxcsr(cpu, linear);
    saveXmm(cpu, linear);
  }

  /** FXRSTOR. */
  static void restore(Cpu cpu, Instruction i) {
    X87 x = Access.available(cpu);
    long linear = linear(cpu, i, BYTES, ALIGNMENT, false);
    cpu.mmu.probeRead(linear, BYTES);
    checkMxcsr(cpu, linear);
    restoreX87(cpu, x, linear, i.w);
    restoreMxcsr(cpu, linear);
    restoreXmm(cpu, linear);
  }

  /** Linear address of an area that must be aligned. */
  static long linear(Cpu cpu, Instruction i, int bytes, int alignment, boolean write) {
    long linear = Operands.linear(cpu, i, bytes, write);
    if ((linear & alignment - 1) != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    return linear;
  }

  static void saveX87(Cpu cpu, X87 x, long linear, boolean wide) {
    cpu.mmu.write64(
        linear,
        x.controlWord
            | (long) x.status() << 8 * FSW
            | (long) x.occupied << 8 * FTW
            | (long) x.opcode << 8 * FOP);
    long pointer = wide ? -1L : 0xFFFF_FFFFL;
    cpu.mmu.write64(linear + FIP, x.instructionPointer & pointer);
    cpu.mmu.write64(linear + FDP, x.dataPointer & pointer);
    for (int n = 0; n < 8; n++) {
      int register = x.st(n);
      cpu.mmu.write64(linear + ST + 16 * n, x.significand[register]);
      cpu.mmu.write64(linear + ST + 16 * n + 8, x.signExponent[register]);
    }
  }

  static void restoreX87(Cpu cpu, X87 x, long linear, boolean wide) {
    long words = cpu.mmu.read64(linear);
    x.controlWord = (int) words & ControlWord.WRITABLE | ControlWord.FIXED_ONE;
    x.status((int) (words >>> 8 * FSW) & 0xFFFF);
    x.occupied = (int) (words >>> 8 * FTW) & 0xFF;
    x.opcode = (int) (words >>> 8 * FOP) & 0x7FF;
    x.instructionPointer = pointer(cpu.mmu.read64(linear + FIP), wide);
    x.dataPointer = pointer(cpu.mmu.read64(linear + FDP), wide);
    for (int n = 0; n < 8; n++) {
      int register = x.st(n);
      x.significand[register] = cpu.mmu.read64(linear + ST + 16 * n);
      x.signExponent[register] = (int) cpu.mmu.read16(linear + ST + 16 * n + 8);
    }
  }

  /** A 64-bit pointer is made canonical; in the narrow format a selector follows it. */
  private static long pointer(long value, boolean wide) {
    return wide ? value << 16 >> 16 : value & 0xFFFF_FFFFL;
  }

  static void saveMxcsr(Cpu cpu, long linear) {
    cpu.mmu.write64(linear + MXCSR, cpu.mxcsr & 0xFFFF_FFFFL | (long) MXCSR_MASK << 32);
  }

  /** Refuses a value with reserved bits. */
  static void checkMxcsr(Cpu cpu, long linear) {
    if ((cpu.mmu.read32(linear + MXCSR) & ~MXCSR_MASK) != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  static void restoreMxcsr(Cpu cpu, long linear) {
    cpu.mxcsr = (int) cpu.mmu.read32(linear + MXCSR);
  }

  /** XMM registers that the mode can name. */
  static int registers(Cpu cpu) {
    return cpu.codeSize == 64 ? 16 : 8;
  }

  static void saveXmm(Cpu cpu, long linear) {
    for (int n = 0; n < registers(cpu); n++) {
      cpu.mmu.write128(linear + XMM + 16 * n, cpu.vector, 4 * n);
    }
  }

  static void restoreXmm(Cpu cpu, long linear) {
    for (int n = 0; n < registers(cpu); n++) {
      cpu.mmu.read128(linear + XMM + 16 * n, cpu.vector, 4 * n);
    }
  }

  static void clearX87(X87 x) {
    x.initialize();
    Arrays.fill(x.significand, 0);
    Arrays.fill(x.signExponent, 0);
  }

  /** Whether the unit is in its initial configuration. */
  static boolean isInitial(X87 x) {
    if (x.controlWord != ControlWord.INITIAL || x.status() != 0 || x.occupied != 0) {
      return false;
    }
    long all = x.instructionPointer | x.dataPointer | x.opcode;
    for (int n = 0; n < 8; n++) {
      all |= x.significand[n] | x.signExponent[n];
    }
    return all == 0;
  }
}
