package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Comparison and classification instructions.
 *
 * @spec Intel SDM Vol. 1, "Comparison and Classification Instructions"
 */
final class CompareInstructions {
  private static final int GREATER = 0;
  private static final int LESS = StatusWord.C0;
  private static final int EQUAL = StatusWord.C3;
  private static final int UNORDERED = StatusWord.C3 | StatusWord.C2 | StatusWord.C0;

  private CompareInstructions() {}

  static Semantics of(String meaning) {
    return switch (meaning) {
      case "FCOM" -> real(0);
      case "FCOMP" -> real(1);
      case "FCOMPP" -> (cpu, i) -> registers(cpu, 1, false, 2);
      case "FUCOM" -> (cpu, i) -> registers(cpu, i.rm & 7, true, 0);
      case "FUCOMP" -> (cpu, i) -> registers(cpu, i.rm & 7, true, 1);
      case "FUCOMPP" -> (cpu, i) -> registers(cpu, 1, true, 2);
      case "FICOM" -> integer(0);
      case "FICOMP" -> integer(1);
      case "FCOMI" -> (cpu, i) -> toFlags(cpu, i, false, 0);
      case "FCOMIP" -> (cpu, i) -> toFlags(cpu, i, false, 1);
      case "FUCOMI" -> (cpu, i) -> toFlags(cpu, i, true, 0);
      case "FUCOMIP" -> (cpu, i) -> toFlags(cpu, i, true, 1);
      case "FTST" -> CompareInstructions::test;
      case "FXAM" -> CompareInstructions::examine;
      default -> null;
    };
  }

  private static Semantics real(int pops) {
    return (cpu, i) -> {
      if (!i.hasMemory()) {
        registers(cpu, i.rm & 7, false, pops);
        return;
      }
      X87 x = Access.waiting(cpu);
      x.result.start(x.controlWord);
      Access.loadReal(cpu, i, x.result);
      withLoaded(cpu, i, pops);
    };
  }

  private static Semantics integer(int pops) {
    return (cpu, i) -> {
      X87 x = Access.waiting(cpu);
      x.result.start(x.controlWord);
      Access.loadInteger(cpu, i, x.result);
      withLoaded(cpu, i, pops);
    };
  }

  private static void withLoaded(Cpu cpu, Instruction i, int pops) {
    X87 x = cpu.x87;
    x.instructionPointer = cpu.rip;
    x.dataPointer = cpu.offset(i);
    Result r = x.result;
    int order = UNORDERED;
    if (x.isEmpty(x.top)) {
      r.raised = StatusWord.IE | StatusWord.SF;
    } else {
      order = compareTop(x, r.signExponent, r.significand, false);
    }
    toConditions(x, order, pops);
  }

  private static void registers(Cpu cpu, int other, boolean quiet, int pops) {
    X87 x = Access.begin(cpu);
    toConditions(x, compareRegisters(x, other, quiet), pops);
  }

  /**
   * The condition codes tell the order even where an unmasked exception keeps the stack as it is.
   */
  private static void toConditions(X87 x, int order, int pops) {
    x.raise(x.result.raised);
    x.conditions(order);
    if (!x.result.suppressed()) {
      x.pop(pops);
    }
  }

  private static void toFlags(Cpu cpu, Instruction i, boolean quiet, int pops) {
    X87 x = Access.begin(cpu);
    int order = compareRegisters(x, i.rm & 7, quiet);
    if ((x.result.raised & StatusWord.SF) != 0) {
      x.raise(x.result.raised);
    } else {
      x.raiseKeepingC1(x.result.raised);
    }
    Flags.status(
        cpu,
        ((order & StatusWord.C3) != 0 ? Rflags.ZF : 0)
            | ((order & StatusWord.C2) != 0 ? Rflags.PF : 0)
            | ((order & StatusWord.C0) != 0 ? Rflags.CF : 0));
    if (!x.result.suppressed()) {
      x.pop(pops);
    }
  }

  /** Compares ST(0) with ST(other), leaving exceptions in the result. */
  private static int compareRegisters(X87 x, int other, boolean quiet) {
    int register = x.st(other);
    if (x.isEmpty(x.top) || x.isEmpty(register)) {
      x.result.raised = StatusWord.IE | StatusWord.SF;
      return UNORDERED;
    }
    return compareTop(x, x.signExponent[register], x.significand[register], quiet);
  }

  private static int compareTop(X87 x, int signExponent, long significand, boolean quiet) {
    return compare(
        x.result, x.signExponent[x.top], x.significand[x.top], signExponent, significand, quiet);
  }

  private static int compare(
      Result r, int aSignExponent, long a, int bSignExponent, long b, boolean quiet) {
    if (Extended.isUnsupported(aSignExponent, a) || Extended.isUnsupported(bSignExponent, b)) {
      r.raised |= StatusWord.IE;
      return UNORDERED;
    }
    if (Extended.isNan(aSignExponent, a) || Extended.isNan(bSignExponent, b)) {
      if (!quiet
          || Extended.isSignalling(aSignExponent, a)
          || Extended.isSignalling(bSignExponent, b)) {
        r.raised |= StatusWord.IE;
      }
      return UNORDERED;
    }
    Arithmetic.noteDenormals(r, aSignExponent, a, bSignExponent, b);
    return order(aSignExponent, a, bSignExponent, b);
  }

  private static int order(int aSignExponent, long a, int bSignExponent, long b) {
    if (a == 0 && b == 0) {
      return EQUAL;
    }
    boolean negative = Extended.sign(aSignExponent) != 0;
    if (negative != (Extended.sign(bSignExponent) != 0)) {
      return negative ? LESS : GREATER;
    }
    int order = magnitude(aSignExponent, a, bSignExponent, b);
    if (order == 0) {
      return EQUAL;
    }
    return order < 0 != negative ? LESS : GREATER;
  }

  /** A pseudo-denormal has the exponent 0 but the value of exponent 1. */
  private static int magnitude(int aSignExponent, long a, int bSignExponent, long b) {
    int aExponent = Math.max(Extended.exponent(aSignExponent), a < 0 ? 1 : 0);
    int bExponent = Math.max(Extended.exponent(bSignExponent), b < 0 ? 1 : 0);
    return aExponent != bExponent ? aExponent - bExponent : Long.compareUnsigned(a, b);
  }

  private static void test(Cpu cpu, Instruction i) {
    X87 x = Access.begin(cpu);
    int order = UNORDERED;
    if (x.isEmpty(x.top)) {
      x.result.raised = StatusWord.IE | StatusWord.SF;
    } else {
      order = compareTop(x, 0, 0, false);
    }
    toConditions(x, order, 0);
  }

  private static void examine(Cpu cpu, Instruction i) {
    X87 x = Access.begin(cpu);
    int signExponent = x.signExponent[x.top];
    int sign = Extended.sign(signExponent) != 0 ? StatusWord.C1 : 0;
    x.conditions(sign | kind(x, signExponent, x.significand[x.top]));
  }

  private static int kind(X87 x, int signExponent, long significand) {
    if (x.isEmpty(x.top)) {
      return StatusWord.C3 | StatusWord.C0;
    }
    if (Extended.isUnsupported(signExponent, significand)) {
      return 0;
    }
    if (Extended.isNan(signExponent, significand)) {
      return StatusWord.C0;
    }
    if (Extended.isInfinity(signExponent, significand)) {
      return StatusWord.C2 | StatusWord.C0;
    }
    if (significand == 0) {
      return StatusWord.C3;
    }
    return Extended.isDenormal(signExponent, significand)
        ? StatusWord.C3 | StatusWord.C2
        : StatusWord.C2;
  }
}
