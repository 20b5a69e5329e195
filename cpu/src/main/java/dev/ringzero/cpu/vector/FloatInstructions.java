package dev.ringzero.cpu.vector;

import static dev.ringzero.cpu.floating.Format.DOUBLE;
import static dev.ringzero.cpu.floating.Format.SINGLE;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.cpu.floating.Comparison;
import dev.ringzero.cpu.floating.DoubleArithmetic;
import dev.ringzero.cpu.floating.Environment;
import dev.ringzero.cpu.floating.Format;
import dev.ringzero.cpu.floating.SingleArithmetic;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Instruction;

/** Floating-point arithmetic and comparison, packed and scalar. */
final class FloatInstructions {
  private static final int USE_MXCSR = 1 << 2; // of ROUND's immediate: MXCSR.RC, not bits 1:0
  private static final int SUPPRESS_PRECISION = 1 << 3; // of ROUND's immediate: no PE

  private FloatInstructions() {}

  static Semantics of(String name, boolean vex) {
    return switch (name) {
      case "ADDPS" -> (c, i) -> FloatShapes.packedSingle(c, i, SingleArithmetic::add);
      case "ADDPD" -> (c, i) -> FloatShapes.packedDouble(c, i, DoubleArithmetic::add);
      case "ADDSS" -> (c, i) -> FloatShapes.scalarSingle(c, i, SingleArithmetic::add);
      case "ADDSD" -> (c, i) -> FloatShapes.scalarDouble(c, i, DoubleArithmetic::add);
      case "SUBPS" -> (c, i) -> FloatShapes.packedSingle(c, i, SingleArithmetic::subtract);
      case "SUBPD" -> (c, i) -> FloatShapes.packedDouble(c, i, DoubleArithmetic::subtract);
      case "SUBSS" -> (c, i) -> FloatShapes.scalarSingle(c, i, SingleArithmetic::subtract);
      case "SUBSD" -> (c, i) -> FloatShapes.scalarDouble(c, i, DoubleArithmetic::subtract);
      case "MULPS" -> (c, i) -> FloatShapes.packedSingle(c, i, SingleArithmetic::multiply);
      case "MULPD" -> (c, i) -> FloatShapes.packedDouble(c, i, DoubleArithmetic::multiply);
      case "MULSS" -> (c, i) -> FloatShapes.scalarSingle(c, i, SingleArithmetic::multiply);
      case "MULSD" -> (c, i) -> FloatShapes.scalarDouble(c, i, DoubleArithmetic::multiply);
      case "DIVPS" -> (c, i) -> FloatShapes.packedSingle(c, i, SingleArithmetic::divide);
      case "DIVPD" -> (c, i) -> FloatShapes.packedDouble(c, i, DoubleArithmetic::divide);
      case "DIVSS" -> (c, i) -> FloatShapes.scalarSingle(c, i, SingleArithmetic::divide);
      case "DIVSD" -> (c, i) -> FloatShapes.scalarDouble(c, i, DoubleArithmetic::divide);
      case "SQRTPS" -> (c, i) -> FloatShapes.packedSingle(c, i, SingleArithmetic::squareRoot);
      case "SQRTPD" -> (c, i) -> FloatShapes.packedDouble(c, i, DoubleArithmetic::squareRoot);
      case "SQRTSS" -> (c, i) -> FloatShapes.scalarSingle(c, i, SingleArithmetic::squareRoot);
      case "SQRTSD" -> (c, i) -> FloatShapes.scalarDouble(c, i, DoubleArithmetic::squareRoot);
      case "MINPS" ->
          (c, i) -> FloatShapes.packedSingle(c, i, (e, a, b) -> Comparison.min(e, SINGLE, a, b));
      case "MINPD" ->
          (c, i) -> FloatShapes.packedDouble(c, i, (e, a, b) -> Comparison.min(e, DOUBLE, a, b));
      case "MINSS" ->
          (c, i) -> FloatShapes.scalarSingle(c, i, (e, a, b) -> Comparison.min(e, SINGLE, a, b));
      case "MINSD" ->
          (c, i) -> FloatShapes.scalarDouble(c, i, (e, a, b) -> Comparison.min(e, DOUBLE, a, b));
      case "MAXPS" ->
          (c, i) -> FloatShapes.packedSingle(c, i, (e, a, b) -> Comparison.max(e, SINGLE, a, b));
      case "MAXPD" ->
          (c, i) -> FloatShapes.packedDouble(c, i, (e, a, b) -> Comparison.max(e, DOUBLE, a, b));
      case "MAXSS" ->
          (c, i) -> FloatShapes.scalarSingle(c, i, (e, a, b) -> Comparison.max(e, SINGLE, a, b));
      case "MAXSD" ->
          (c, i) -> FloatShapes.scalarDouble(c, i, (e, a, b) -> Comparison.max(e, DOUBLE, a, b));
      case "HADDPS" -> (c, i) -> FloatShapes.horizontalSingle(c, i, SingleArithmetic::add);
      case "HSUBPS" -> (c, i) -> FloatShapes.horizontalSingle(c, i, SingleArithmetic::subtract);
      case "ADDSUBPS" ->
          (c, i) ->
              FloatShapes.packedSingle(c, i, SingleArithmetic::subtract, SingleArithmetic::add);
      case "HADDPD" -> (c, i) -> FloatShapes.horizontalDouble(c, i, DoubleArithmetic::add);
      case "HSUBPD" -> (c, i) -> FloatShapes.horizontalDouble(c, i, DoubleArithmetic::subtract);
      case "ADDSUBPD" ->
          (c, i) ->
              FloatShapes.packedDouble(c, i, DoubleArithmetic::subtract, DoubleArithmetic::add);
      case "CMPPS" ->
          vex
              ? (c, i) -> FloatShapes.packedSingle(c, i, (e, a, b) -> compareSingle(e, a, b, 31))
              : (c, i) -> FloatShapes.packedSingle(c, i, (e, a, b) -> compareSingle(e, a, b, 7));
      case "CMPPD" ->
          vex
              ? (c, i) -> FloatShapes.packedDouble(c, i, (e, a, b) -> compareDouble(e, a, b, 31))
              : (c, i) -> FloatShapes.packedDouble(c, i, (e, a, b) -> compareDouble(e, a, b, 7));
      case "CMPSS" ->
          vex
              ? (c, i) -> FloatShapes.scalarSingle(c, i, (e, a, b) -> compareSingle(e, a, b, 31))
              : (c, i) -> FloatShapes.scalarSingle(c, i, (e, a, b) -> compareSingle(e, a, b, 7));
      case "CMPSD" ->
          vex
              ? (c, i) -> FloatShapes.scalarDouble(c, i, (e, a, b) -> compareDouble(e, a, b, 31))
              : (c, i) -> FloatShapes.scalarDouble(c, i, (e, a, b) -> compareDouble(e, a, b, 7));
      case "ROUNDPS" -> (c, i) -> FloatShapes.packedSingle(c, i, FloatInstructions::roundSingle);
      case "ROUNDPD" -> (c, i) -> FloatShapes.packedDouble(c, i, FloatInstructions::roundDouble);
      case "ROUNDSS" -> (c, i) -> FloatShapes.scalarSingle(c, i, FloatInstructions::roundSingle);
      case "ROUNDSD" -> (c, i) -> FloatShapes.scalarDouble(c, i, FloatInstructions::roundDouble);
      case "RCPPS" -> (c, i) -> FloatShapes.packedSingle(c, i, Approximation::reciprocal);
      case "RCPSS" -> (c, i) -> FloatShapes.scalarSingle(c, i, Approximation::reciprocal);
      case "RSQRTPS" ->
          (c, i) -> FloatShapes.packedSingle(c, i, Approximation::reciprocalSquareRoot);
      case "RSQRTSS" ->
          (c, i) -> FloatShapes.scalarSingle(c, i, Approximation::reciprocalSquareRoot);
      case "UCOMISS" -> (c, i) -> compareToFlags(c, i, SINGLE, false);
      case "UCOMISD" -> (c, i) -> compareToFlags(c, i, DOUBLE, false);
      case "COMISS" -> (c, i) -> compareToFlags(c, i, SINGLE, true);
      case "COMISD" -> (c, i) -> compareToFlags(c, i, DOUBLE, true);
      case "DPPS" -> DotProduct::single;
      case "DPPD" -> DotProduct::doubles;
      default -> null;
    };
  }

  private static long compareSingle(Environment e, long a, long b, int predicates) {
    return Comparison.holds(e, SINGLE, a, b, e.immediate & predicates) ? 0xFFFF_FFFFL : 0;
  }

  private static long compareDouble(Environment e, long a, long b, int predicates) {
    return Comparison.holds(e, DOUBLE, a, b, e.immediate & predicates) ? -1 : 0;
  }

  private static long roundSingle(Environment e, long a) {
    chooseRounding(e);
    return withoutPrecision(e, SingleArithmetic.roundToIntegral(e, a));
  }

  private static long roundDouble(Environment e, long a) {
    chooseRounding(e);
    return withoutPrecision(e, DoubleArithmetic.roundToIntegral(e, a));
  }

  private static void chooseRounding(Environment e) {
    if ((e.immediate & USE_MXCSR) == 0) {
      e.round(e.immediate & 3);
    }
  }

  private static long withoutPrecision(Environment e, long result) {
    if ((e.immediate & SUPPRESS_PRECISION) != 0) {
      e.flags &= ~Environment.PE;
    }
    return result;
  }

  /** COMIS and UCOMIS: the relation in ZF, PF and CF. */
  private static void compareToFlags(Cpu cpu, Instruction i, Format f, boolean signaling) {
    Environment e = FloatShapes.begin(cpu, i);
    boolean isDouble = f == DOUBLE;
    long b = isDouble ? Access.rm64(cpu, i) : Access.rm32(cpu, i);
    long a = cpu.vector[Access.reg(i)];
    int relation = Comparison.compare(e, f, isDouble ? a : a & 0xFFFF_FFFFL, b, signaling);
    FloatShapes.finish(cpu);
    Flags.status(
        cpu,
        switch (relation) {
          case Comparison.LESS -> Rflags.CF;
          case Comparison.EQUAL -> Rflags.ZF;
          case Comparison.GREATER -> 0;
          default -> Rflags.ZF | Rflags.PF | Rflags.CF;
        });
  }
}
