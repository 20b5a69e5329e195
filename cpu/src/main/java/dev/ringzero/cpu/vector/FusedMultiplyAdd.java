package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.cpu.floating.DoubleArithmetic;
import dev.ringzero.cpu.floating.Environment;
import dev.ringzero.cpu.floating.SingleArithmetic;
import dev.ringzero.x86.instruction.Instruction;

/**
 * FMA3. The name tells everything: which product and addend are negated, the order of the operands,
 * and the elements. One instance is the meaning of one name.
 *
 * @spec Intel SDM Vol. 1, "Fused-Multiply-ADD (FMA) Numeric Behavior"
 */
final class FusedMultiplyAdd implements Semantics {
  private static final long LOW = 0xFFFF_FFFFL;

  private enum Order {
    /** destination * third + second */
    ORDER_132,
    /** second * destination + third */
    ORDER_213,
    /** second * third + destination */
    ORDER_231
  }

  private final Order order;
  private final boolean isDouble;
  private final boolean isScalar;
  private final boolean negatesProduct;
  private final boolean negatesEven;
  private final boolean negatesOdd;

  private FusedMultiplyAdd(String operation, Order order, boolean isDouble, boolean isScalar) {
    this.order = order;
    this.isDouble = isDouble;
    this.isScalar = isScalar;
    negatesProduct = operation.startsWith("FN");
    negatesEven =
        switch (operation) {
          case "FMADD", "FNMADD", "FMSUBADD" -> false;
          default -> true;
        };
    negatesOdd =
        switch (operation) {
          case "FMADD", "FNMADD", "FMADDSUB" -> false;
          default -> true;
        };
  }

  /** The meaning of a name such as FNMADD231SD, or null. */
  static Semantics of(String name) {
    int at = name.length() - 5;
    if (at < 5 || name.charAt(0) != 'F') {
      return null;
    }
    Order order =
        switch (name.substring(at, at + 3)) {
          case "132" -> Order.ORDER_132;
          case "213" -> Order.ORDER_213;
          case "231" -> Order.ORDER_231;
          default -> null;
        };
    boolean isScalar = name.charAt(at + 3) == 'S';
    boolean isDouble = name.charAt(at + 4) == 'D';
    return order == null
        ? null
        : new FusedMultiplyAdd(name.substring(0, at), order, isDouble, isScalar);
  }

  @Override
  public void execute(Cpu cpu, Instruction i) {
    Environment e = FloatShapes.begin(cpu, i);
    if (isScalar) {
      scalar(cpu, i, e);
    } else {
      packed(cpu, i, e);
    }
  }

  private void scalar(Cpu cpu, Instruction i, Environment e) {
    long[] v = cpu.vector;
    int d = Access.reg(i);
    long third = isDouble ? Access.rm64(cpu, i) : Access.rm32(cpu, i);
    long second = v[i.vvvv << 2];
    long result =
        isDouble
            ? ordered(e, v[d], second, third, negatesEven)
            : v[d] & ~LOW | ordered(e, v[d] & LOW, second & LOW, third, negatesEven);
    FloatShapes.finish(cpu);
    Access.write128(cpu, i, d, result, v[d + 1]);
  }

  private void packed(Cpu cpu, Instruction i, Environment e) {
    long[] v = cpu.vector;
    int d = Access.reg(i);
    int a = i.vvvv << 2;
    int b = Access.rm(cpu, i);
    int count = Access.isWide(i) ? 4 : 2;
    for (int k = 0; k < count; k++) {
      v[Access.WORK + k] = quadword(e, v[d + k], v[a + k], v[b + k], k);
    }
    FloatShapes.finish(cpu);
    Access.write(cpu, i, d, Access.WORK);
  }

  private long quadword(Environment e, long first, long second, long third, int k) {
    if (isDouble) {
      return ordered(e, first, second, third, (k & 1) == 0 ? negatesEven : negatesOdd);
    }
    long low = ordered(e, first & LOW, second & LOW, third & LOW, negatesEven);
    return low | ordered(e, first >>> 32, second >>> 32, third >>> 32, negatesOdd) << 32;
  }

  private long ordered(Environment e, long first, long second, long third, boolean negatesAddend) {
    return switch (order) {
      case ORDER_132 -> fused(e, first, third, second, negatesAddend);
      case ORDER_213 -> fused(e, second, first, third, negatesAddend);
      case ORDER_231 -> fused(e, second, third, first, negatesAddend);
    };
  }

  private long fused(Environment e, long a, long b, long c, boolean negatesAddend) {
    if (isDouble) {
      long x = negatesProduct ? negatedDouble(a) : a;
      long z = negatesAddend ? negatedDouble(c) : c;
      return DoubleArithmetic.fusedMultiplyAdd(e, x, b, z);
    }
    long x = negatesProduct ? negatedSingle(a) : a;
    long z = negatesAddend ? negatedSingle(c) : c;
    return SingleArithmetic.fusedMultiplyAdd(e, x, b, z);
  }

  /** NaNs keep their sign: they come through as they were. */
  private static long negatedDouble(long bits) {
    return (bits & Long.MAX_VALUE) > 0x7FFL << 52 ? bits : bits ^ Long.MIN_VALUE;
  }

  private static long negatedSingle(long bits) {
    return (bits & Integer.MAX_VALUE) > 0xFF << 23 ? bits : bits ^ 1L << 31;
  }
}
