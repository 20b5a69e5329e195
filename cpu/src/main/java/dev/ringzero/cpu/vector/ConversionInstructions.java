package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.cpu.floating.Conversions;
import dev.ringzero.cpu.floating.Environment;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Conversions between floating-point formats and integers.
 *
 * @spec Intel SDM Vol. 1, "SSE2 Conversion Instructions", "Half-Precision Floating-Point
 *     Conversion"
 */
final class ConversionInstructions {
  private static final long LOW = 0xFFFF_FFFFL;
  private static final int USE_MXCSR = 1 << 2; // of VCVTPS2PH's immediate: MXCSR.RC, not bits 1:0

  private ConversionInstructions() {}

  static Semantics of(String name) {
    return switch (name) {
      case "CVTSS2SD" -> ConversionInstructions::singleToDouble;
      case "CVTSD2SS" -> ConversionInstructions::doubleToSingle;
      case "CVTPS2PD" -> (c, i) -> widen(c, i, Conversions::singleToDouble);
      case "CVTPD2PS" -> (c, i) -> narrow(c, i, Conversions::doubleToSingle);
      case "CVTDQ2PD" -> (c, i) -> widen(c, i, (e, a) -> Conversions.doubleFromInt(a));
      case "CVTPD2DQ" -> (c, i) -> narrow(c, i, (e, a) -> Conversions.fromDouble(e, a, 32));
      case "CVTTPD2DQ" -> (c, i) -> narrow(c, i, (e, a) -> Conversions.truncateDouble(e, a, 32));
      case "CVTDQ2PS" ->
          (c, i) ->
              FloatShapes.packedSingle(c, i, (e, a) -> Conversions.singleFromInteger(e, (int) a));
      case "CVTPS2DQ" ->
          (c, i) -> FloatShapes.packedSingle(c, i, (e, a) -> Conversions.fromSingle(e, a, 32));
      case "CVTTPS2DQ" ->
          (c, i) -> FloatShapes.packedSingle(c, i, (e, a) -> Conversions.truncateSingle(e, a, 32));
      case "CVTSI2SS" -> ConversionInstructions::integerToSingle;
      case "CVTSI2SD" -> ConversionInstructions::integerToDouble;
      case "CVTSS2SI" -> (c, i) -> singleToGeneral(c, i, false);
      case "CVTSD2SI" -> (c, i) -> doubleToGeneral(c, i, false);
      case "CVTTSS2SI" -> (c, i) -> singleToGeneral(c, i, true);
      case "CVTTSD2SI" -> (c, i) -> doubleToGeneral(c, i, true);
      case "CVTPH2PS" -> ConversionInstructions::halfToSingle;
      case "CVTPS2PH" -> ConversionInstructions::singleToHalf;
      default -> null;
    };
  }

  private static void singleToDouble(Cpu cpu, Instruction i) {
    Environment e = FloatShapes.begin(cpu, i);
    long result = Conversions.singleToDouble(e, Access.rm32(cpu, i));
    FloatShapes.finish(cpu);
    Access.write128(cpu, i, Access.reg(i), result, cpu.vector[Access.first(i) + 1]);
  }

  private static void doubleToSingle(Cpu cpu, Instruction i) {
    Environment e = FloatShapes.begin(cpu, i);
    long result = Conversions.doubleToSingle(e, Access.rm64(cpu, i));
    FloatShapes.finish(cpu);
    mergeSingle(cpu, i, result);
  }

  private static void mergeSingle(Cpu cpu, Instruction i, long single) {
    int a = Access.first(i);
    long low = cpu.vector[a] & ~LOW | single;
    Access.write128(cpu, i, Access.reg(i), low, cpu.vector[a + 1]);
  }

  /** Elements of 32 bits to twice as wide ones. */
  private static void widen(Cpu cpu, Instruction i, FloatShapes.Unary op) {
    Environment e = FloatShapes.begin(cpu, i);
    long[] v = cpu.vector;
    int d = Access.reg(i);
    if (Access.isWide(i)) {
      int b = Access.rm128(cpu, i);
      long r0 = op.apply(e, v[b] & LOW);
      long r1 = op.apply(e, v[b] >>> 32);
      long r2 = op.apply(e, v[b + 1] & LOW);
      long r3 = op.apply(e, v[b + 1] >>> 32);
      FloatShapes.finish(cpu);
      Access.write128(cpu, i, d, r0, r1);
      v[d + 2] = r2;
      v[d + 3] = r3;
    } else {
      long source = Access.rm64(cpu, i);
      long r0 = op.apply(e, source & LOW);
      long r1 = op.apply(e, source >>> 32);
      FloatShapes.finish(cpu);
      Access.write128(cpu, i, d, r0, r1);
    }
  }

  /** Elements of 64 bits to half as wide ones. */
  private static void narrow(Cpu cpu, Instruction i, FloatShapes.Unary op) {
    Environment e = FloatShapes.begin(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    long low = op.apply(e, v[b]) | op.apply(e, v[b + 1]) << 32;
    long high = 0;
    if (Access.isWide(i)) {
      high = op.apply(e, v[b + 2]) | op.apply(e, v[b + 3]) << 32;
    }
    FloatShapes.finish(cpu);
    Access.write128(cpu, i, Access.reg(i), low, high);
  }

  private static void integerToSingle(Cpu cpu, Instruction i) {
    Environment e = FloatShapes.begin(cpu, i);
    long result = Conversions.singleFromInteger(e, signedGeneral(cpu, i));
    FloatShapes.finish(cpu);
    mergeSingle(cpu, i, result);
  }

  private static void integerToDouble(Cpu cpu, Instruction i) {
    Environment e = FloatShapes.begin(cpu, i);
    long result = Conversions.doubleFromInteger(e, signedGeneral(cpu, i));
    FloatShapes.finish(cpu);
    Access.write128(cpu, i, Access.reg(i), result, cpu.vector[Access.first(i) + 1]);
  }

  private static long signedGeneral(Cpu cpu, Instruction i) {
    long value = Access.general(cpu, i);
    return i.w ? value : (int) value;
  }

  private static void doubleToGeneral(Cpu cpu, Instruction i, boolean truncated) {
    Environment e = FloatShapes.begin(cpu, i);
    int bits = i.w ? 64 : 32;
    long source = Access.rm64(cpu, i);
    long result =
        truncated
            ? Conversions.truncateDouble(e, source, bits)
            : Conversions.fromDouble(e, source, bits);
    FloatShapes.finish(cpu);
    cpu.gpr[i.reg] = result;
  }

  private static void singleToGeneral(Cpu cpu, Instruction i, boolean truncated) {
    Environment e = FloatShapes.begin(cpu, i);
    int bits = i.w ? 64 : 32;
    long source = Access.rm32(cpu, i);
    long result =
        truncated
            ? Conversions.truncateSingle(e, source, bits)
            : Conversions.fromSingle(e, source, bits);
    FloatShapes.finish(cpu);
    cpu.gpr[i.reg] = result;
  }

  private static void halfToSingle(Cpu cpu, Instruction i) {
    Environment e = FloatShapes.begin(cpu, i);
    long[] v = cpu.vector;
    int d = Access.reg(i);
    long low = Access.isWide(i) ? v[Access.rm128(cpu, i)] : Access.rm64(cpu, i);
    long r0 = halves(e, low);
    long r1 = halves(e, low >>> 32);
    if (Access.isWide(i)) {
      long high = v[i.mod == 3 ? (i.rm << 2) + 1 : Access.MEMORY + 1];
      long r2 = halves(e, high);
      long r3 = halves(e, high >>> 32);
      FloatShapes.finish(cpu);
      v[d + 2] = r2;
      v[d + 3] = r3;
      v[d] = r0;
      v[d + 1] = r1;
    } else {
      FloatShapes.finish(cpu);
      Access.write128(cpu, i, d, r0, r1);
    }
  }

  private static long halves(Environment e, long two) {
    return Conversions.halfToSingle(e, two) | Conversions.halfToSingle(e, two >>> 16) << 32;
  }

  /** Exceptions are in MXCSR before the result is stored, even if the store then faults. */
  private static void singleToHalf(Cpu cpu, Instruction i) {
    Environment e = FloatShapes.begin(cpu, i);
    if ((e.immediate & USE_MXCSR) == 0) {
      e.round(e.immediate & 3);
    }
    long[] v = cpu.vector;
    int from = Access.reg(i);
    long low = fourHalves(e, v[from], v[from + 1]);
    long high = Access.isWide(i) ? fourHalves(e, v[from + 2], v[from + 3]) : 0;
    FloatShapes.finish(cpu);
    if (i.mod == 3) {
      Access.write128(cpu, i, i.rm << 2, low, high);
    } else if (Access.isWide(i)) {
      v[Access.WORK] = low;
      v[Access.WORK + 1] = high;
      cpu.mmu.write128(Operands.linear(cpu, i, 16, true), v, Access.WORK);
    } else {
      cpu.mmu.write64(Operands.linear(cpu, i, 8, true), low);
    }
  }

  private static long fourHalves(Environment e, long low, long high) {
    return Conversions.singleToHalf(e, low)
        | Conversions.singleToHalf(e, low >>> 32) << 16
        | Conversions.singleToHalf(e, high) << 32
        | Conversions.singleToHalf(e, high >>> 32) << 48;
  }
}
