package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.floating.DoubleArithmetic;
import dev.ringzero.cpu.floating.Environment;
import dev.ringzero.cpu.floating.SingleArithmetic;
import dev.ringzero.x86.instruction.Instruction;

/**
 * DPPS and DPPD: bits 7:4 of the immediate choose the products, bits 3:0 the elements that get the
 * sum. Neighbours are added first.
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
    int d = Access.reg(i);
    long lower = singleSum(e, v, a, b);
    long upper = Access.isWide(i) ? singleSum(e, v, a + 2, b + 2) : 0;
    FloatShapes.finish(cpu);
    int to = e.immediate;
    Access.write128(cpu, i, d, spread(lower, to), spread(lower, to >> 2));
    if (Access.isWide(i)) {
      v[d + 2] = spread(upper, to);
      v[d + 3] = spread(upper, to >> 2);
    }
  }

  private static long singleSum(Environment e, long[] v, int a, int b) {
    long first = singleProduct(e, v[a], v[b], e.immediate >> 4);
    long second = singleProduct(e, v[a] >>> 32, v[b] >>> 32, e.immediate >> 5);
    long third = singleProduct(e, v[a + 1], v[b + 1], e.immediate >> 6);
    long fourth = singleProduct(e, v[a + 1] >>> 32, v[b + 1] >>> 32, e.immediate >> 7);
    long low = SingleArithmetic.add(e, first, second);
    long high = SingleArithmetic.add(e, third, fourth);
    return SingleArithmetic.add(e, low, high);
  }

  private static long singleProduct(Environment e, long a, long b, int chosen) {
    return (chosen & 1) == 0 ? 0 : SingleArithmetic.multiply(e, a & LOW, b & LOW);
  }

  private static long spread(long sum, int to) {
    return ((to & 1) == 0 ? 0 : sum) | ((to & 2) == 0 ? 0 : sum << 32);
  }

  static void doubles(Cpu cpu, Instruction i) {
    Environment e = FloatShapes.begin(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.first(i);
    int mask = e.immediate;
    long first = (mask & 0x10) == 0 ? 0 : DoubleArithmetic.multiply(e, v[a], v[b]);
    long second = (mask & 0x20) == 0 ? 0 : DoubleArithmetic.multiply(e, v[a + 1], v[b + 1]);
    long sum = DoubleArithmetic.add(e, first, second);
    FloatShapes.finish(cpu);
    long low = (mask & 1) == 0 ? 0 : sum;
    Access.write128(cpu, i, Access.reg(i), low, (mask & 2) == 0 ? 0 : sum);
  }
}
