package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.floating.DoubleArithmetic;
import dev.ringzero.cpu.floating.Environment;
import dev.ringzero.cpu.floating.SingleArithmetic;
import dev.ringzero.x86.instruction.Instruction;

/**
 * DPPS and DPPD: bits 7:4 of the immediate choose the products, bits 3:0 the elements that get the
 * sum. Neighbours are added first. The order within a sum differs by element, which matters only
 * for which of several NaNs comes out; and each step raises its exceptions before the next.
 *
 * @spec Intel SDM Vol. 2A, "DPPS", "DPPD"
 */
final class DotProduct {
  private static final long LOW = 0xFFFF_FFFFL;

  private DotProduct() {}

  static void single(Cpu cpu, Instruction i) {
    Environment e = FloatShapes.begin(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.first(i);
    int quadwords = Access.isWide(i) ? 4 : 2;
    for (int k = 0; k < quadwords; k++) {
      v[Access.WORK + k] = products(e, v[a + k], v[b + k], e.immediate >> 4 + 2 * (k & 1));
    }
    FloatShapes.nextStep(cpu);
    for (int k = 0; k < quadwords; k++) {
      v[Access.WORK + k] = pairs(e, v[Access.WORK + k]);
    }
    FloatShapes.nextStep(cpu);
    for (int k = 0; k < quadwords; k += 2) {
      sums(e, v, Access.WORK + k);
    }
    FloatShapes.finish(cpu);
    Access.write(cpu, i, Access.reg(i), Access.WORK);
  }

  private static long products(Environment e, long a, long b, int chosen) {
    long low = (chosen & 1) == 0 ? 0 : SingleArithmetic.multiply(e, a & LOW, b & LOW);
    long high = (chosen & 2) == 0 ? 0 : SingleArithmetic.multiply(e, a >>> 32, b >>> 32);
    return low | high << 32;
  }

  private static long pairs(Environment e, long two) {
    long low = SingleArithmetic.add(e, two >>> 32, two & LOW);
    return low | SingleArithmetic.add(e, two & LOW, two >>> 32) << 32;
  }

  private static void sums(Environment e, long[] v, int at) {
    long low = v[at];
    long high = v[at + 1];
    v[at] = Shuffle.blendDwords(0, sum(e, low, high), e.immediate);
    v[at + 1] = Shuffle.blendDwords(0, sum(e, high, low), e.immediate >> 2);
  }

  private static long sum(Environment e, long a, long b) {
    long low = SingleArithmetic.add(e, a & LOW, b & LOW);
    return low | SingleArithmetic.add(e, a >>> 32, b >>> 32) << 32;
  }

  static void doubles(Cpu cpu, Instruction i) {
    Environment e = FloatShapes.begin(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.first(i);
    int control = e.immediate;
    long first = (control & 0x10) == 0 ? 0 : DoubleArithmetic.multiply(e, v[a], v[b]);
    long second = (control & 0x20) == 0 ? 0 : DoubleArithmetic.multiply(e, v[a + 1], v[b + 1]);
    FloatShapes.nextStep(cpu);
    long low = DoubleArithmetic.add(e, first, second);
    long high = DoubleArithmetic.add(e, second, first);
    FloatShapes.finish(cpu);
    Access.write128(
        cpu, i, Access.reg(i), (control & 1) == 0 ? 0 : low, (control & 2) == 0 ? 0 : high);
  }
}
