package dev.ringzero.cpu.vector;

import static dev.ringzero.cpu.floating.Format.DOUBLE;
import static dev.ringzero.cpu.floating.Format.SINGLE;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.cpu.floating.Conversions;
import dev.ringzero.cpu.floating.Environment;
import dev.ringzero.cpu.floating.Format;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Instructions between MMX and XMM registers. Using an MMX register makes the x87 unit one of MMX,
 * and lets its pending exception come first.
 *
 * @spec Intel SDM Vol. 1, "Effect of SSE and MMX Instructions on x87 FPU State"
 */
final class MmxConversions {
  private static final long LOW = 0xFFFF_FFFFL;

  private MmxConversions() {}

  static Semantics of(String name) {
    return switch (name) {
      case "MOVQ2DQ" -> MmxConversions::fromMmx;
      case "MOVDQ2Q" -> MmxConversions::toMmx;
      case "CVTPI2PS" -> MmxConversions::integersToSingles;
      case "CVTPI2PD" -> MmxConversions::integersToDoubles;
      case "CVTPS2PI" -> (c, i) -> toIntegers(c, i, SINGLE, false);
      case "CVTTPS2PI" -> (c, i) -> toIntegers(c, i, SINGLE, true);
      case "CVTPD2PI" -> (c, i) -> toIntegers(c, i, DOUBLE, false);
      case "CVTTPD2PI" -> (c, i) -> toIntegers(c, i, DOUBLE, true);
      default -> null;
    };
  }

  private static void checkPending(Cpu cpu) {
    if (cpu.x87.exceptionPending()) {
      throw cpu.fault(Vector.MF);
    }
  }

  private static void fromMmx(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    checkPending(cpu);
    cpu.x87.enterMmx();
    Access.write128(cpu, i, Access.reg(i), cpu.x87.significand[i.rm & 7], 0);
  }

  private static void toMmx(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    checkPending(cpu);
    cpu.x87.enterMmx();
    cpu.x87.setMmx(i.reg & 7, cpu.vector[i.rm << 2]);
  }

  /** With a memory operand no MMX register is used, so the x87 unit stays what it is. */
  private static long source(Cpu cpu, Instruction i) {
    if (i.mod != 3) {
      return cpu.mmu.read64(Operands.linear(cpu, i, 8, false));
    }
    checkPending(cpu);
    cpu.x87.enterMmx();
    return cpu.x87.significand[i.rm & 7];
  }

  private static void integersToSingles(Cpu cpu, Instruction i) {
    Environment e = FloatShapes.begin(cpu, i);
    long source = source(cpu, i);
    long low = Conversions.singleFromInteger(e, (int) source);
    long high = Conversions.singleFromInteger(e, source >> 32);
    FloatShapes.finish(cpu);
    cpu.vector[Access.reg(i)] = low | high << 32;
  }

  private static void integersToDoubles(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long source = source(cpu, i);
    long high = Conversions.doubleFromInt(source >> 32);
    Access.write128(cpu, i, Access.reg(i), Conversions.doubleFromInt(source), high);
  }

  private static void toIntegers(Cpu cpu, Instruction i, Format f, boolean truncated) {
    Environment e = FloatShapes.begin(cpu, i);
    checkPending(cpu);
    long[] v = cpu.vector;
    long first;
    long second;
    if (f == DOUBLE) {
      int b = Access.rm128(cpu, i);
      first = v[b];
      second = v[b + 1];
    } else {
      long both = Access.rm64(cpu, i);
      first = both & LOW;
      second = both >>> 32;
    }
    if (truncated) {
      e.round(Environment.ZERO);
    }
    long low = toInteger(e, f, first);
    long high = toInteger(e, f, second);
    cpu.x87.enterMmx();
    FloatShapes.finish(cpu);
    cpu.x87.setMmx(i.reg & 7, low | high << 32);
  }

  private static long toInteger(Environment e, Format f, long value) {
    return f == DOUBLE
        ? Conversions.fromDouble(e, value, 32)
        : Conversions.fromSingle(e, value, 32);
  }
}
