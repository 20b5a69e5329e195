package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.floating.Environment;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * How floating-point vector instructions go over their operands. All elements are computed before
 * any is written, because an unmasked exception leaves the destination as it was.
 *
 * @spec Intel SDM Vol. 1, "SIMD Floating-Point Exceptions"
 */
final class FloatShapes {
  private static final long LOW = 0xFFFF_FFFFL;

  /** Exceptions found in the operands, before there is a result. */
  private static final int PRE_COMPUTATION = Environment.IE | Environment.DE | Environment.ZE;

  private FloatShapes() {}

  /** One element of a vector to one of the result. */
  interface Unary {
    long apply(Environment e, long a);
  }

  /** One element of each of two vectors to one of the result. */
  interface Binary {
    long apply(Environment e, long a, long b);
  }

  static Environment begin(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    Environment e = cpu.floating;
    e.begin(cpu.mxcsr);
    e.immediate = (int) i.immediate & 0xFF;
    return e;
  }

  /** Puts the exceptions into MXCSR; #XM if one of them is not masked. */
  static void finish(Cpu cpu) {
    if (cpu.floating.flags != 0) {
      signal(cpu, cpu.floating.flags);
    }
  }

  /** Ends one step of an instruction that is several operations: its exceptions come first. */
  static void nextStep(Cpu cpu) {
    finish(cpu);
    cpu.floating.begin(cpu.mxcsr);
  }

  private static void signal(Cpu cpu, int raised) {
    int unmasked = raised & ~(cpu.mxcsr >> Environment.MASK_SHIFT);
    if ((unmasked & PRE_COMPUTATION) != 0) {
      cpu.mxcsr |= raised & PRE_COMPUTATION;
    } else {
      cpu.mxcsr |= raised;
    }
    if (unmasked != 0) {
      throw (cpu.cr4 & Cr4.OSXMMEXCPT) != 0 ? cpu.fault(Vector.XM) : cpu.invalidOpcode();
    }
  }

  // Double precision

  static void packedDouble(Cpu cpu, Instruction i, Binary op) {
    packedDouble(cpu, i, op, op);
  }

  /** One operation for the even elements, one for the odd. */
  static void packedDouble(Cpu cpu, Instruction i, Binary even, Binary odd) {
    Environment e = begin(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.first(i);
    long r0 = even.apply(e, v[a], v[b]);
    long r1 = odd.apply(e, v[a + 1], v[b + 1]);
    if (Access.isWide(i)) {
      long r2 = even.apply(e, v[a + 2], v[b + 2]);
      long r3 = odd.apply(e, v[a + 3], v[b + 3]);
      write(cpu, i, r0, r1, r2, r3);
    } else {
      finish(cpu);
      Access.write128(cpu, i, Access.reg(i), r0, r1);
    }
  }

  /** Neighbours within each lane. */
  static void horizontalDouble(Cpu cpu, Instruction i, Binary op) {
    Environment e = begin(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.first(i);
    long r0 = op.apply(e, v[a], v[a + 1]);
    long r1 = op.apply(e, v[b], v[b + 1]);
    if (Access.isWide(i)) {
      long r2 = op.apply(e, v[a + 2], v[a + 3]);
      long r3 = op.apply(e, v[b + 2], v[b + 3]);
      write(cpu, i, r0, r1, r2, r3);
    } else {
      finish(cpu);
      Access.write128(cpu, i, Access.reg(i), r0, r1);
    }
  }

  private static void write(Cpu cpu, Instruction i, long r0, long r1, long r2, long r3) {
    finish(cpu);
    long[] v = cpu.vector;
    int d = Access.reg(i);
    v[d] = r0;
    v[d + 1] = r1;
    v[d + 2] = r2;
    v[d + 3] = r3;
  }

  static void packedDouble(Cpu cpu, Instruction i, Unary op) {
    Environment e = begin(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    long r0 = op.apply(e, v[b]);
    long r1 = op.apply(e, v[b + 1]);
    if (Access.isWide(i)) {
      long r2 = op.apply(e, v[b + 2]);
      long r3 = op.apply(e, v[b + 3]);
      write(cpu, i, r0, r1, r2, r3);
    } else {
      finish(cpu);
      Access.write128(cpu, i, Access.reg(i), r0, r1);
    }
  }

  static void scalarDouble(Cpu cpu, Instruction i, Binary op) {
    Environment e = begin(cpu, i);
    long[] v = cpu.vector;
    long b = Access.rm64(cpu, i);
    int a = Access.first(i);
    long result = op.apply(e, v[a], b);
    finish(cpu);
    Access.write128(cpu, i, Access.reg(i), result, v[a + 1]);
  }

  static void scalarDouble(Cpu cpu, Instruction i, Unary op) {
    Environment e = begin(cpu, i);
    long result = op.apply(e, Access.rm64(cpu, i));
    finish(cpu);
    Access.write128(cpu, i, Access.reg(i), result, cpu.vector[Access.first(i) + 1]);
  }

  // Single precision

  private static long pair(Environment e, long a, long b, Binary even, Binary odd) {
    long low = even.apply(e, a & LOW, b & LOW);
    return low | odd.apply(e, a >>> 32, b >>> 32) << 32;
  }

  static void packedSingle(Cpu cpu, Instruction i, Binary op) {
    packedSingle(cpu, i, op, op);
  }

  /** One operation for the even elements, one for the odd. */
  static void packedSingle(Cpu cpu, Instruction i, Binary even, Binary odd) {
    Environment e = begin(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.first(i);
    long r0 = pair(e, v[a], v[b], even, odd);
    long r1 = pair(e, v[a + 1], v[b + 1], even, odd);
    if (Access.isWide(i)) {
      long r2 = pair(e, v[a + 2], v[b + 2], even, odd);
      long r3 = pair(e, v[a + 3], v[b + 3], even, odd);
      write(cpu, i, r0, r1, r2, r3);
    } else {
      finish(cpu);
      Access.write128(cpu, i, Access.reg(i), r0, r1);
    }
  }

  /** Neighbours within each lane. */
  static void horizontalSingle(Cpu cpu, Instruction i, Binary op) {
    Environment e = begin(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.first(i);
    long r0 = neighbours(e, v[a], v[a + 1], op);
    long r1 = neighbours(e, v[b], v[b + 1], op);
    if (Access.isWide(i)) {
      long r2 = neighbours(e, v[a + 2], v[a + 3], op);
      long r3 = neighbours(e, v[b + 2], v[b + 3], op);
      write(cpu, i, r0, r1, r2, r3);
    } else {
      finish(cpu);
      Access.write128(cpu, i, Access.reg(i), r0, r1);
    }
  }

  private static long neighbours(Environment e, long low, long high, Binary op) {
    long lower = op.apply(e, low & LOW, low >>> 32);
    return lower | op.apply(e, high & LOW, high >>> 32) << 32;
  }

  static void packedSingle(Cpu cpu, Instruction i, Unary op) {
    Environment e = begin(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    long r0 = pair(e, v[b], op);
    long r1 = pair(e, v[b + 1], op);
    if (Access.isWide(i)) {
      long r2 = pair(e, v[b + 2], op);
      long r3 = pair(e, v[b + 3], op);
      write(cpu, i, r0, r1, r2, r3);
    } else {
      finish(cpu);
      Access.write128(cpu, i, Access.reg(i), r0, r1);
    }
  }

  private static long pair(Environment e, long a, Unary op) {
    long low = op.apply(e, a & LOW);
    return low | op.apply(e, a >>> 32) << 32;
  }

  static void scalarSingle(Cpu cpu, Instruction i, Binary op) {
    Environment e = begin(cpu, i);
    long[] v = cpu.vector;
    long b = Access.rm32(cpu, i);
    int a = Access.first(i);
    long result = v[a] & ~LOW | op.apply(e, v[a] & LOW, b);
    finish(cpu);
    Access.write128(cpu, i, Access.reg(i), result, v[a + 1]);
  }

  static void scalarSingle(Cpu cpu, Instruction i, Unary op) {
    Environment e = begin(cpu, i);
    long[] v = cpu.vector;
    long b = Access.rm32(cpu, i);
    int a = Access.first(i);
    long result = v[a] & ~LOW | op.apply(e, b);
    finish(cpu);
    Access.write128(cpu, i, Access.reg(i), result, v[a + 1]);
  }
}
