package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Basic arithmetic instructions.
 *
 * @spec Intel SDM Vol. 1, "Basic Arithmetic Instructions"
 */
final class ArithmeticInstructions {
  private ArithmeticInstructions() {}

  static Semantics of(String meaning) {
    return switch (meaning) {
      case "FADD" -> binary(Arithmetic::add);
      case "FADDP" -> binaryPop(Arithmetic::add);
      case "FIADD" -> binaryInteger(Arithmetic::add);
      case "FSUB" -> binary(Arithmetic::subtract);
      case "FSUBP" -> binaryPop(Arithmetic::subtract);
      case "FISUB" -> binaryInteger(Arithmetic::subtract);
      case "FSUBR" -> binary(Arithmetic::subtractReverse);
      case "FSUBRP" -> binaryPop(Arithmetic::subtractReverse);
      case "FISUBR" -> binaryInteger(Arithmetic::subtractReverse);
      case "FMUL" -> binary(Arithmetic::multiply);
      case "FMULP" -> binaryPop(Arithmetic::multiply);
      case "FIMUL" -> binaryInteger(Arithmetic::multiply);
      case "FDIV" -> binary(Arithmetic::divide);
      case "FDIVP" -> binaryPop(Arithmetic::divide);
      case "FIDIV" -> binaryInteger(Arithmetic::divide);
      case "FDIVR" -> binary(Arithmetic::divideReverse);
      case "FDIVRP" -> binaryPop(Arithmetic::divideReverse);
      case "FIDIVR" -> binaryInteger(Arithmetic::divideReverse);
      case "FSQRT" -> unary(Arithmetic::squareRoot);
      case "FRNDINT" -> unary(Conversion::toIntegral);
      case "FABS" -> ArithmeticInstructions::absolute;
      case "FCHS" -> ArithmeticInstructions::changeSign;
      case "FPREM" -> (cpu, i) -> remainder(cpu, false);
      case "FPREM1" -> (cpu, i) -> remainder(cpu, true);
      case "FSCALE" -> ArithmeticInstructions::scale;
      case "FXTRACT" -> ArithmeticInstructions::extract;
      default -> null;
    };
  }

  /** An operation on one operand. */
  @FunctionalInterface
  interface Unary {
    void apply(Result r, int signExponent, long significand);
  }

  static Semantics unary(Unary operation) {
    return (cpu, i) -> {
      X87 x = Access.begin(cpu);
      int top = x.top;
      if (x.isEmpty(top)) {
        Access.underflow(x, top, 0);
        return;
      }
      operation.apply(x.result, x.signExponent[top], x.significand[top]);
      Access.commit(x, top, 0);
    };
  }

  private static Semantics binary(Arithmetic.Binary operation) {
    return (cpu, i) -> {
      if (i.hasMemory()) {
        X87 x = Access.waiting(cpu);
        x.result.start(x.controlWord);
        Access.loadReal(cpu, i, x.result);
        withLoaded(cpu, i, operation);
      } else {
        Operand first = i.form.operands[0];
        int other = i.rm & 7;
        if (first.place() == Operand.Place.FIXED_ST) {
          onRegisters(cpu, operation, 0, other, 0);
        } else {
          onRegisters(cpu, operation, other, 0, 0);
        }
      }
    };
  }

  private static Semantics binaryPop(Arithmetic.Binary operation) {
    return (cpu, i) -> onRegisters(cpu, operation, i.rm & 7, 0, 1);
  }

  private static Semantics binaryInteger(Arithmetic.Binary operation) {
    return (cpu, i) -> {
      X87 x = Access.waiting(cpu);
      x.result.start(x.controlWord);
      Access.loadInteger(cpu, i, x.result);
      withLoaded(cpu, i, operation);
    };
  }

  private static void withLoaded(Cpu cpu, Instruction i, Arithmetic.Binary operation) {
    X87 x = cpu.x87;
    Result r = x.result;
    x.instructionPointer = cpu.rip;
    x.dataPointer = cpu.offset(i);
    int top = x.top;
    if (x.isEmpty(top)) {
      Access.underflow(x, top, 0);
      return;
    }
    operation.apply(r, x.signExponent[top], x.significand[top], r.signExponent, r.significand);
    Access.commit(x, top, 0);
  }

  private static void onRegisters(
      Cpu cpu, Arithmetic.Binary operation, int destination, int source, int pops) {
    X87 x = Access.begin(cpu);
    int to = x.st(destination);
    int from = x.st(source);
    if (x.isEmpty(to) || x.isEmpty(from)) {
      Access.underflow(x, to, pops);
      return;
    }
    operation.apply(
        x.result, x.signExponent[to], x.significand[to], x.signExponent[from], x.significand[from]);
    Access.commit(x, to, pops);
  }

  private static void absolute(Cpu cpu, Instruction i) {
    X87 x = Access.begin(cpu);
    if (x.isEmpty(x.top)) {
      Access.underflow(x, x.top, 0);
      return;
    }
    x.raise(0);
    x.signExponent[x.top] &= Extended.MAXIMUM;
  }

  private static void changeSign(Cpu cpu, Instruction i) {
    X87 x = Access.begin(cpu);
    if (x.isEmpty(x.top)) {
      Access.underflow(x, x.top, 0);
      return;
    }
    x.raise(0);
    x.signExponent[x.top] ^= Extended.SIGN;
  }

  /** FPREM and FPREM1: ST(0) becomes the (possibly partial) remainder of ST(0) and ST(1). */
  private static void remainder(Cpu cpu, boolean nearest) {
    X87 x = Access.begin(cpu);
    int top = x.top;
    int divisor = x.st(1);
    x.statusWord &= ~StatusWord.C2;
    if (x.isEmpty(top) || x.isEmpty(divisor)) {
      Access.underflow(x, top, 0);
      return;
    }
    int conditions =
        Remainder.compute(
            x.result,
            x.signExponent[top],
            x.significand[top],
            x.signExponent[divisor],
            x.significand[divisor],
            nearest);
    if (conditions >= 0 && !x.result.suppressed()) {
      x.conditions(conditions);
      x.result.raised |= conditions & StatusWord.C1;
    }
    Access.commit(x, top, 0);
  }

  private static void scale(Cpu cpu, Instruction i) {
    X87 x = Access.begin(cpu);
    int top = x.top;
    int by = x.st(1);
    if (x.isEmpty(top) || x.isEmpty(by)) {
      Access.underflow(x, top, 0);
      return;
    }
    Scaling.scale(
        x.result, x.signExponent[top], x.significand[top], x.signExponent[by], x.significand[by]);
    Access.commit(x, top, 0);
  }

  /** FXTRACT: ST(0) becomes the exponent, and the significand is pushed. */
  private static void extract(Cpu cpu, Instruction i) {
    X87 x = Access.begin(cpu);
    int top = x.top;
    boolean underflow = x.isEmpty(top);
    if (underflow || !x.isEmpty(x.st(7))) {
      if (x.stackFault(!underflow)) {
        x.setIndefinite(top);
        x.push(Extended.INDEFINITE, Extended.INDEFINITE_SIGNIFICAND);
      }
      return;
    }
    int signExponent = x.signExponent[top];
    long significand = x.significand[top];
    Result r = x.result;
    Scaling.exponentOf(r, signExponent, significand);
    Access.commit(x, top, 0);
    if (!r.suppressed()) {
      Scaling.significandOf(r, signExponent, significand);
      x.push(r.signExponent, r.significand);
    }
  }
}
