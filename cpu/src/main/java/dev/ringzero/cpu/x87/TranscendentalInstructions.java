package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Trigonometric, logarithmic and exponential instructions: operands for which the result is given
 * by a table of the manual, and the stack.
 *
 * @spec Intel SDM Vol. 1, "Trigonometric Instructions" and "Logarithmic, Exponential, and Scale"
 */
final class TranscendentalInstructions {
  /** Exponent from which on an angle is too large to be reduced. */
  private static final int TOO_LARGE = Extended.BIAS + 63;

  private TranscendentalInstructions() {}

  static Semantics of(String meaning) {
    return switch (meaning) {
      case "FSIN" -> ofAngle(TranscendentalInstructions::sineOf);
      case "FCOS" -> ofAngle(TranscendentalInstructions::cosineOf);
      case "FSINCOS" -> TranscendentalInstructions::sineAndCosine;
      case "FPTAN" -> TranscendentalInstructions::tangent;
      case "FPATAN" -> binary(TranscendentalInstructions::arcTangent);
      case "FYL2X" -> binary(TranscendentalInstructions::logarithm);
      case "FYL2XP1" -> binary(TranscendentalInstructions::logarithmOfSum);
      case "F2XM1" ->
          (cpu, i) ->
              ArithmeticInstructions.unary(
                      (r, se, s) -> powerMinusOne(cpu.x87.transcendental, r, se, s))
                  .execute(cpu, i);
      default -> null;
    };
  }

  // Angles. C2 tells that one is too large; everything then stays as it is.

  /** Checks and special operands of an angle in ST(0); whether there is nothing more to do. */
  private static boolean isAngleDone(X87 x) {
    int top = x.top;
    x.statusWord &= ~StatusWord.C2;
    if (x.isEmpty(top)) {
      return false;
    }
    int exponent = Extended.exponent(x.signExponent[top]);
    if (exponent >= TOO_LARGE && exponent != Extended.MAXIMUM && x.significand[top] < 0) {
      x.raise(0);
      x.statusWord |= StatusWord.C2;
      return true;
    }
    return false;
  }

  /** A function of an angle, whose result is left in {@link X87#result}. */
  @FunctionalInterface
  private interface OfAngle {
    void apply(X87 x, int signExponent, long significand);
  }

  private static Semantics ofAngle(OfAngle function) {
    return (cpu, i) -> {
      X87 x = Access.begin(cpu);
      if (isAngleDone(x)) {
        return;
      }
      if (x.isEmpty(x.top)) {
        Access.underflow(x, x.top, 0);
        return;
      }
      function.apply(x, x.signExponent[x.top], x.significand[x.top]);
      Access.commit(x, x.top, 0);
    };
  }

  /** Gives the result for NaNs, infinities and unsupported values; notes denormals. */
  private static boolean isSpecialAngle(Result r, int signExponent, long significand) {
    if (Arithmetic.nanOrUnsupported(r, signExponent, significand)) {
      return true;
    }
    if (Extended.isInfinity(signExponent, significand)) {
      r.invalid();
      return true;
    }
    r.noteDenormal(signExponent, significand);
    return false;
  }

  private static void sineOf(X87 x, int signExponent, long significand) {
    Result r = x.result;
    if (isSpecialAngle(r, signExponent, significand)) {
      return;
    }
    if (significand == 0) {
      r.set(signExponent, 0);
    } else {
      x.transcendental.sine(r, signExponent, significand);
    }
  }

  private static void cosineOf(X87 x, int signExponent, long significand) {
    Result r = x.result;
    if (isSpecialAngle(r, signExponent, significand)) {
      return;
    }
    if (significand == 0) {
      r.set(Extended.BIAS, Extended.INTEGER_BIT);
    } else {
      x.transcendental.cosine(r, signExponent, significand);
    }
  }

  private static void sineAndCosine(Cpu cpu, Instruction i) {
    X87 x = Access.begin(cpu);
    if (isStackFault(x) || isAngleDone(x)) {
      return;
    }
    int signExponent = x.signExponent[x.top];
    long significand = x.significand[x.top];
    Result r = x.result;
    sineOf(x, signExponent, significand);
    Access.commit(x, x.top, 0);
    if (!r.suppressed()) {
      int raised = r.raised;
      r.start(x.controlWord);
      cosineOf(x, signExponent, significand);
      x.raise(raised | r.raised);
      x.push(r.signExponent, r.significand);
    }
  }

  /** ST(0) becomes the tangent, and one is pushed. */
  private static void tangent(Cpu cpu, Instruction i) {
    X87 x = Access.begin(cpu);
    if (isStackFault(x) || isAngleDone(x)) {
      return;
    }
    int signExponent = x.signExponent[x.top];
    long significand = x.significand[x.top];
    Result r = x.result;
    boolean special = isSpecialAngle(r, signExponent, significand);
    if (!special && significand == 0) {
      r.set(signExponent, 0);
    } else if (!special) {
      x.transcendental.tangent(r, signExponent, significand);
    }
    Access.commit(x, x.top, 0);
    if (r.suppressed()) {
      return;
    }
    if (special) {
      x.push(r.signExponent, r.significand);
    } else {
      x.push(Extended.BIAS, Extended.INTEGER_BIT);
    }
  }

  /** Faults of an instruction that takes ST(0) and pushes. */
  private static boolean isStackFault(X87 x) {
    boolean underflow = x.isEmpty(x.top);
    if (!underflow && x.isEmpty(x.st(7))) {
      return false;
    }
    x.statusWord &= ~StatusWord.C2;
    if (x.stackFault(!underflow)) {
      x.setIndefinite(x.top);
      x.push(Extended.INDEFINITE, Extended.INDEFINITE_SIGNIFICAND);
    }
    return true;
  }

  // Functions of ST(1), called y, and ST(0), called x. The result goes to ST(1), ST(0) is popped.

  @FunctionalInterface
  private interface OfTwo {
    void apply(Transcendental t, Result r, int ySignExponent, long y, int xSignExponent, long x);
  }

  private static Semantics binary(OfTwo function) {
    return (cpu, i) -> {
      X87 u = Access.begin(cpu);
      int y = u.st(1);
      if (u.isEmpty(u.top) || u.isEmpty(y)) {
        Access.underflow(u, y, 1);
        return;
      }
      function.apply(
          u.transcendental,
          u.result,
          u.signExponent[y],
          u.significand[y],
          u.signExponent[u.top],
          u.significand[u.top]);
      Access.commit(u, y, 1);
    };
  }

  private static void arcTangent(
      Transcendental t, Result r, int ySignExponent, long y, int xSignExponent, long x) {
    if (Arithmetic.nanOrUnsupported(r, ySignExponent, y, xSignExponent, x)) {
      return;
    }
    Arithmetic.noteDenormals(r, ySignExponent, y, xSignExponent, x);
    int sign = Extended.sign(ySignExponent);
    boolean left = Extended.sign(xSignExponent) != 0;
    boolean yInfinite = Extended.isInfinity(ySignExponent, y);
    boolean xInfinite = Extended.isInfinity(xSignExponent, x);
    if (yInfinite && xInfinite) {
      t.multipleOfQuarterPi(r, sign, left ? 3 : 1);
    } else if (yInfinite) {
      t.multipleOfQuarterPi(r, sign, 2);
    } else if (xInfinite || y == 0) {
      if (left) {
        t.multipleOfQuarterPi(r, sign, 4);
      } else {
        r.setZero(sign);
      }
    } else if (x == 0) {
      t.multipleOfQuarterPi(r, sign, 2);
    } else {
      t.arcTangent(r, ySignExponent, y, xSignExponent, x);
    }
  }

  private static void logarithm(
      Transcendental t, Result r, int ySignExponent, long y, int xSignExponent, long x) {
    if (Arithmetic.nanOrUnsupported(r, ySignExponent, y, xSignExponent, x)) {
      return;
    }
    boolean yInfinite = Extended.isInfinity(ySignExponent, y);
    int ySign = Extended.sign(ySignExponent);
    if (x == 0) {
      logarithmOfZero(r, ySign, y, yInfinite);
      return;
    }
    int orderOfOne = compareWithOne(xSignExponent, x);
    boolean infinite = Extended.isInfinity(xSignExponent, x);
    if (Extended.sign(xSignExponent) != 0 || infinite && y == 0 || yInfinite && orderOfOne == 0) {
      r.invalid();
      return;
    }
    Arithmetic.noteDenormals(r, ySignExponent, y, xSignExponent, x);
    int sign = orderOfOne < 0 ? ySign ^ Extended.SIGN : ySign;
    if (infinite || yInfinite) {
      r.setInfinity(sign);
    } else if (y == 0 || orderOfOne == 0) {
      r.setZero(sign);
    } else {
      t.logarithm(r, ySignExponent, y, xSignExponent, x);
    }
  }

  private static void logarithmOfZero(Result r, int ySign, long y, boolean yInfinite) {
    if (y == 0) {
      r.invalid();
      return;
    }
    if (!yInfinite) {
      r.raised |= StatusWord.ZE;
    }
    r.setInfinity(ySign ^ Extended.SIGN);
  }

  private static int compareWithOne(int signExponent, long significand) {
    int exponent = Extended.normalExponent(signExponent, significand);
    if (exponent != Extended.BIAS) {
      return exponent - Extended.BIAS;
    }
    return Extended.normalSignificand(significand) == Extended.INTEGER_BIT ? 0 : 1;
  }

  private static void logarithmOfSum(
      Transcendental t, Result r, int ySignExponent, long y, int xSignExponent, long x) {
    if (Arithmetic.nanOrUnsupported(r, ySignExponent, y, xSignExponent, x)) {
      return;
    }
    boolean yInfinite = Extended.isInfinity(ySignExponent, y);
    boolean xInfinite = Extended.isInfinity(xSignExponent, x);
    boolean negative = Extended.sign(xSignExponent) != 0;
    boolean belowMinusOne = negative && Extended.exponent(xSignExponent) >= Extended.BIAS;
    if (yInfinite && x == 0 || xInfinite && y == 0 || belowMinusOne) {
      r.invalid();
      return;
    }
    Arithmetic.noteDenormals(r, ySignExponent, y, xSignExponent, x);
    int sign = Extended.sign(ySignExponent ^ xSignExponent);
    if (xInfinite || yInfinite) {
      r.setInfinity(sign);
    } else if (x == 0 || y == 0) {
      r.setZero(sign);
    } else {
      t.logarithmOfSum(r, ySignExponent, y, xSignExponent, x);
    }
  }

  /** Outside -1 to 1 the manual leaves the result open: it is the operand. */
  private static void powerMinusOne(
      Transcendental t, Result r, int signExponent, long significand) {
    if (Arithmetic.nanOrUnsupported(r, signExponent, significand)) {
      return;
    }
    if (Extended.isInfinity(signExponent, significand)) {
      if (Extended.sign(signExponent) != 0) {
        r.set(Extended.SIGN | Extended.BIAS, Extended.INTEGER_BIT);
      } else {
        r.setInfinity(0);
      }
      return;
    }
    r.noteDenormal(signExponent, significand);
    int exponent = Extended.exponent(signExponent);
    boolean beyondOne =
        exponent > Extended.BIAS
            || exponent == Extended.BIAS && significand != Extended.INTEGER_BIT;
    if (beyondOne) {
      r.raised |= StatusWord.PE;
    }
    if (significand == 0 || beyondOne) {
      r.set(signExponent, significand);
    } else {
      t.powerMinusOne(r, signExponent, significand);
    }
  }
}
