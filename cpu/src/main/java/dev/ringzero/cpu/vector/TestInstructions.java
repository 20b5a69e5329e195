package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Instruction;

/**
 * PTEST, VTESTPS and VTESTPD: whether vectors share bits (ZF clear) or one covers the other (CF).
 */
final class TestInstructions {
  private TestInstructions() {}

  static Semantics of(String name) {
    return switch (name) {
      case "PTEST" -> (c, i) -> test(c, i, -1);
      case "TESTPS" -> (c, i) -> test(c, i, Packed.DWORDS);
      case "TESTPD" -> (c, i) -> test(c, i, Packed.QWORDS);
      default -> null;
    };
  }

  private static void test(Cpu cpu, Instruction i, long bits) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.reg(i);
    long common = v[a] & v[b] | v[a + 1] & v[b + 1];
    long uncovered = ~v[a] & v[b] | ~v[a + 1] & v[b + 1];
    if (Access.isWide(i)) {
      common |= v[a + 2] & v[b + 2] | v[a + 3] & v[b + 3];
      uncovered |= ~v[a + 2] & v[b + 2] | ~v[a + 3] & v[b + 3];
    }
    long zero = (common & bits) == 0 ? Rflags.ZF : 0;
    Flags.status(cpu, zero | ((uncovered & bits) == 0 ? Rflags.CF : 0));
  }
}
