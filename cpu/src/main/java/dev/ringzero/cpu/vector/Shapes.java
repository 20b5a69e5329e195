package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.instruction.Instruction;

/**
 * How integer vector instructions go over their operands, apart from what they compute. The
 * computation is a constant at each use, so that the JIT makes one straight piece of code of shape
 * and computation.
 */
final class Shapes {
  private Shapes() {}

  /** 64 bits of one vector to 64 bits of the result. */
  interface Unary {
    long apply(long a);
  }

  /** 64 bits of each of two vectors to 64 bits of the result. */
  interface Binary {
    long apply(long a, long b);
  }

  /** As {@link Binary}, with a mask or an earlier value as third. */
  interface Ternary {
    long apply(long a, long b, long c);
  }

  /** 64 bits of the result from both 128-bit lanes. */
  interface Lane {
    long apply(long aLow, long aHigh, long bLow, long bHigh);
  }

  /** 64 bits of the result from both 128-bit lanes and an immediate byte. */
  interface LaneImmediate {
    long apply(long aLow, long aHigh, long bLow, long bHigh, int immediate);
  }

  /** 64 bits of one vector, shifted by a count that is the same for all. */
  interface Shift {
    long apply(long a, long count);
  }

  static void unary(Cpu cpu, Instruction i, Unary op) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int d = Access.reg(i);
    if (Access.isWide(i)) {
      v[d + 2] = op.apply(v[b + 2]);
      v[d + 3] = op.apply(v[b + 3]);
      v[d] = op.apply(v[b]);
      v[d + 1] = op.apply(v[b + 1]);
    } else {
      Access.write128(cpu, i, d, op.apply(v[b]), op.apply(v[b + 1]));
    }
  }

  static void binary(Cpu cpu, Instruction i, Binary op) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.first(i);
    int d = Access.reg(i);
    if (Access.isWide(i)) {
      v[d + 2] = op.apply(v[a + 2], v[b + 2]);
      v[d + 3] = op.apply(v[a + 3], v[b + 3]);
      v[d] = op.apply(v[a], v[b]);
      v[d + 1] = op.apply(v[a + 1], v[b + 1]);
    } else {
      Access.write128(cpu, i, d, op.apply(v[a], v[b]), op.apply(v[a + 1], v[b + 1]));
    }
  }

  /** Within 128-bit lanes of two sources. */
  static void lanes(Cpu cpu, Instruction i, Lane low, Lane high) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.first(i);
    int d = Access.reg(i);
    if (Access.isWide(i)) {
      lane(v, a + 2, b + 2, d + 2, low, high);
    } else if (i.vex) {
      v[d + 2] = 0;
      v[d + 3] = 0;
    }
    lane(v, a, b, d, low, high);
  }

  private static void lane(long[] v, int a, int b, int d, Lane low, Lane high) {
    long lower = low.apply(v[a], v[a + 1], v[b], v[b + 1]);
    v[d + 1] = high.apply(v[a], v[a + 1], v[b], v[b + 1]);
    v[d] = lower;
  }

  /**
   * Within 128-bit lanes of two sources, controlled by an immediate, of which each lane uses its
   * own bits, or all if {@code bitsPerLane} is 0.
   */
  static void lanes(
      Cpu cpu, Instruction i, int bitsPerLane, LaneImmediate low, LaneImmediate high) {
    Access.check(cpu, i);
    laneImmediate(cpu, i, bitsPerLane, Access.first(i), Access.rm(cpu, i), low, high);
  }

  /** As above, of one source, the r/m operand. */
  static void lanesOfOne(
      Cpu cpu, Instruction i, int bitsPerLane, LaneImmediate low, LaneImmediate high) {
    Access.check(cpu, i);
    int b = Access.rm(cpu, i);
    laneImmediate(cpu, i, bitsPerLane, b, b, low, high);
  }

  private static void laneImmediate(
      Cpu cpu,
      Instruction i,
      int bitsPerLane,
      int a,
      int b,
      LaneImmediate low,
      LaneImmediate high) {
    long[] v = cpu.vector;
    int d = Access.reg(i);
    int immediate = (int) i.immediate & 0xFF;
    if (Access.isWide(i)) {
      int upper = immediate >> bitsPerLane;
      long lower = low.apply(v[a + 2], v[a + 3], v[b + 2], v[b + 3], upper);
      v[d + 3] = high.apply(v[a + 2], v[a + 3], v[b + 2], v[b + 3], upper);
      v[d + 2] = lower;
    } else if (i.vex) {
      v[d + 2] = 0;
      v[d + 3] = 0;
    }
    long lower = low.apply(v[a], v[a + 1], v[b], v[b + 1], immediate);
    v[d + 1] = high.apply(v[a], v[a + 1], v[b], v[b + 1], immediate);
    v[d] = lower;
  }

  /** All elements shifted by the low 64 bits of the r/m operand. */
  static void shiftByVector(Cpu cpu, Instruction i, Shift op) {
    Access.check(cpu, i);
    long count = cpu.vector[Access.rm128(cpu, i)];
    shift(cpu, i, Access.reg(i), Access.first(i), count, op);
  }

  /** All elements of the r/m register shifted by an immediate. */
  static void shiftByImmediate(Cpu cpu, Instruction i, Shift op) {
    Access.check(cpu, i);
    int source = i.rm << 2;
    shift(cpu, i, i.vex ? i.vvvv << 2 : source, source, i.immediate & 0xFF, op);
  }

  private static void shift(Cpu cpu, Instruction i, int d, int a, long count, Shift op) {
    long[] v = cpu.vector;
    if (Access.isWide(i)) {
      v[d + 2] = op.apply(v[a + 2], count);
      v[d + 3] = op.apply(v[a + 3], count);
      v[d] = op.apply(v[a], count);
      v[d + 1] = op.apply(v[a + 1], count);
    } else {
      Access.write128(cpu, i, d, op.apply(v[a], count), op.apply(v[a + 1], count));
    }
  }

  /** Whole lanes shifted by bytes, by an immediate. */
  static void shiftLanes(Cpu cpu, Instruction i, LaneImmediate low, LaneImmediate high) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int a = i.rm << 2;
    int d = i.vex ? i.vvvv << 2 : a;
    int count = (int) i.immediate & 0xFF;
    long lower = low.apply(v[a], v[a + 1], 0, 0, count);
    long upper = high.apply(v[a], v[a + 1], 0, 0, count);
    if (Access.isWide(i)) {
      long third = low.apply(v[a + 2], v[a + 3], 0, 0, count);
      v[d + 3] = high.apply(v[a + 2], v[a + 3], 0, 0, count);
      v[d + 2] = third;
      v[d] = lower;
      v[d + 1] = upper;
    } else {
      Access.write128(cpu, i, d, lower, upper);
    }
  }

  /** Extends elements to {@code factor} times their width: of each part of the source, 64 bits. */
  static void extend(Cpu cpu, Instruction i, int factor, Unary op) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int d = Access.reg(i);
    int bits = 64 / factor;
    if (!Access.isWide(i)) {
      long source = Access.part(cpu, i, 16 / factor);
      Access.write128(cpu, i, d, op.apply(source), op.apply(source >>> bits));
      return;
    }
    long low;
    long high = 0;
    if (factor == 2) {
      int b = Access.rm128(cpu, i);
      low = v[b];
      high = v[b + 1];
    } else {
      low = Access.part(cpu, i, 32 / factor);
    }
    for (int k = 0; k < 4; k++) {
      int at = k * bits;
      v[d + k] = op.apply((at < 64 ? low : high) >>> at);
    }
  }

  /** A choice between two sources by a third: XMM0, or the register in the immediate. */
  static void blend(Cpu cpu, Instruction i, Ternary op) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.first(i);
    int m = i.vex ? ((int) i.immediate >> 4 & 15) << 2 : 0;
    int d = Access.reg(i);
    if (Access.isWide(i)) {
      v[d + 2] = op.apply(v[a + 2], v[b + 2], v[m + 2]);
      v[d + 3] = op.apply(v[a + 3], v[b + 3], v[m + 3]);
      long low = op.apply(v[a], v[b], v[m]);
      v[d + 1] = op.apply(v[a + 1], v[b + 1], v[m + 1]);
      v[d] = low;
    } else {
      long low = op.apply(v[a], v[b], v[m]);
      Access.write128(cpu, i, d, low, op.apply(v[a + 1], v[b + 1], v[m + 1]));
    }
  }

  /** A mask of sign bits to a general register: so many bits from each 64. */
  static void moveMask(Cpu cpu, Instruction i, int bitsEach, Unary op) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int b = i.rm << 2;
    long mask = op.apply(v[b]) | op.apply(v[b + 1]) << bitsEach;
    if (Access.isWide(i)) {
      mask |= op.apply(v[b + 2]) << 2 * bitsEach | op.apply(v[b + 3]) << 3 * bitsEach;
    }
    cpu.gpr[i.reg] = mask;
  }
}
