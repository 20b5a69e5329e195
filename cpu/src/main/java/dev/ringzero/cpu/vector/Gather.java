package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.Instruction;

/**
 * VGATHER and VPGATHER. Elements are gathered from the lowest up; each that is done is written and
 * its mask cleared, so that after a fault the instruction goes on where it stopped.
 *
 * @spec Intel SDM Vol. 2C, "VGATHERDPD/VGATHERQPD", "VPGATHERDD/VPGATHERQD"
 */
final class Gather {
  private static final long LOW = 0xFFFF_FFFFL;

  private Gather() {}

  static Semantics of(String name) {
    return switch (name) {
      case "PGATHERDD", "GATHERDPS" -> (c, i) -> gather(c, i, 4, 4);
      case "PGATHERDQ", "GATHERDPD" -> (c, i) -> gather(c, i, 4, 8);
      case "PGATHERQD", "GATHERQPS" -> (c, i) -> gather(c, i, 8, 4);
      case "PGATHERQQ", "GATHERQPD" -> (c, i) -> gather(c, i, 8, 8);
      default -> null;
    };
  }

  private static void gather(Cpu cpu, Instruction i, int indexBytes, int sizeBytes) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int d = Access.reg(i);
    int mask = i.vvvv << 2;
    int elements = i.vectorLength / 8 / Math.max(indexBytes, sizeBytes);
    spreadMask(v, mask, elements * sizeBytes, sizeBytes);
    for (int n = 0; n < elements; n++) {
      if (element(v, mask, n, sizeBytes) != 0) {
        long linear = MaskedMoves.linear(cpu, i, offset(cpu, i, n, indexBytes), sizeBytes, false);
        long value = sizeBytes == 8 ? cpu.mmu.read64(linear) : cpu.mmu.read32(linear);
        set(v, d, n, sizeBytes, value);
        set(v, mask, n, sizeBytes, 0);
      }
    }
    clearAbove(v, d, elements * sizeBytes);
  }

  private static long offset(Cpu cpu, Instruction i, int n, int indexBytes) {
    long index = element(cpu.vector, i.index << 2, n, indexBytes);
    long extended = indexBytes == 4 ? (int) index : index;
    return cpu.gpr[i.base] + (extended << i.scale) + i.displacement;
  }

  /** Makes each mask element all ones or all zeros, and zeros of what is above them. */
  private static void spreadMask(long[] v, int mask, int lengthBytes, int sizeBytes) {
    long signs = sizeBytes == 8 ? Packed.QWORDS : Packed.DWORDS;
    for (int k = 0; k < 4; k++) {
      v[mask + k] = Packed.expand(v[mask + k] & signs, signs);
    }
    clearAbove(v, mask, lengthBytes);
  }

  private static void clearAbove(long[] v, int at, int lengthBytes) {
    for (int k = lengthBytes / 8; k < 4; k++) {
      v[at + k] = 0;
    }
  }

  private static long element(long[] v, int from, int n, int sizeBytes) {
    return sizeBytes == 8 ? v[from + n] : v[from + (n >> 1)] >>> (n & 1) * 32 & LOW;
  }

  private static void set(long[] v, int to, int n, int sizeBytes, long value) {
    if (sizeBytes == 8) {
      v[to + n] = value;
    } else {
      int shift = (n & 1) * 32;
      v[to + (n >> 1)] = v[to + (n >> 1)] & ~(LOW << shift) | value << shift;
    }
  }
}
