package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.cpu.system.Segmentation;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand.Place;

/**
 * VMASKMOV and VPMASKMOV: elements whose mask has its sign bit set are moved, and only they can
 * fault.
 *
 * @spec Intel SDM Vol. 2C, "VMASKMOV", "VPMASKMOV"
 */
final class MaskedMoves {
  private MaskedMoves() {}

  static Semantics of(String name, InstructionForm form) {
    int sizeBytes =
        switch (name) {
          case "MASKMOVPS", "PMASKMOVD" -> 4;
          case "MASKMOVPD", "PMASKMOVQ" -> 8;
          default -> 0;
        };
    if (sizeBytes == 0) {
      return null;
    }
    return form.operands[0].place() == Place.MEMORY
        ? (c, i) -> store(c, i, sizeBytes)
        : (c, i) -> load(c, i, sizeBytes);
  }

  private static int elements(Instruction i, int sizeBytes) {
    return i.vectorLength / 8 / sizeBytes;
  }

  private static boolean isActive(long[] v, int mask, int n, int sizeBytes) {
    return sizeBytes == 8 ? v[mask + n] < 0 : v[mask + (n >> 1)] << (~n & 1) * 32 < 0;
  }

  static long linear(Cpu cpu, Instruction i, long offset, int sizeBytes, boolean write) {
    long truncated =
        i.addressSize == 64 ? offset : offset & (i.addressSize == 32 ? 0xFFFF_FFFFL : 0xFFFFL);
    return Segmentation.linear(cpu, i.segment, truncated, sizeBytes, write);
  }

  private static void load(Cpu cpu, Instruction i, int sizeBytes) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int mask = i.vvvv << 2;
    long offset = cpu.offset(i);
    java.util.Arrays.fill(v, Access.WORK, Access.WORK + 4, 0);
    for (int n = 0; n < elements(i, sizeBytes); n++) {
      if (isActive(v, mask, n, sizeBytes)) {
        long linear = linear(cpu, i, offset + n * sizeBytes, sizeBytes, false);
        if (sizeBytes == 8) {
          v[Access.WORK + n] = cpu.mmu.read64(linear);
        } else {
          v[Access.WORK + (n >> 1)] |= cpu.mmu.read32(linear) << (n & 1) * 32;
        }
      }
    }
    Access.write(cpu, i, Access.reg(i), Access.WORK);
  }

  private static void store(Cpu cpu, Instruction i, int sizeBytes) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int mask = i.vvvv << 2;
    int from = Access.reg(i);
    long offset = cpu.offset(i);
    int elements = elements(i, sizeBytes);
    for (int n = 0; n < elements; n++) {
      if (isActive(v, mask, n, sizeBytes)) {
        cpu.mmu.probeWrite(linear(cpu, i, offset + n * sizeBytes, sizeBytes, true), sizeBytes);
      }
    }
    for (int n = 0; n < elements; n++) {
      if (isActive(v, mask, n, sizeBytes)) {
        long linear = linear(cpu, i, offset + n * sizeBytes, sizeBytes, true);
        if (sizeBytes == 8) {
          cpu.mmu.write64(linear, v[from + n]);
        } else {
          cpu.mmu.write32(linear, v[from + (n >> 1)] >>> (n & 1) * 32 & 0xFFFF_FFFFL);
        }
      }
    }
  }
}
