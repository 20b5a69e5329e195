package dev.ringzero.cpu.x87;

import static dev.ringzero.cpu.x87.Extended.isDenormal;
import static dev.ringzero.cpu.x87.Extended.isInfinity;
import static dev.ringzero.cpu.x87.Extended.isNan;
import static dev.ringzero.cpu.x87.Extended.isNormal;
import static dev.ringzero.cpu.x87.Extended.isSignalling;
import static dev.ringzero.cpu.x87.Extended.isUnsupported;
import static dev.ringzero.cpu.x87.Extended.isZero;

/**
 * Addition, multiplication, division and square root in the double extended-precision format.
 *
 * @spec Intel SDM Vol. 1, "x87 FPU Floating-Point Exception Conditions"
 */
final class Arithmetic {
  private Arithmetic() {}

  /** An operation on two operands. */
  @FunctionalInterface
  interface Binary {
    void apply(Result r, int aSignExponent, long a, int bSignExponent, long b);
  }

  static void add(Result r, int aSignExponent, long a, int bSignExponent, long b) {
    addSigned(r, aSignExponent, a, bSignExponent, b, 0);
  }

  static void subtract(Result r, int aSignExponent, long a, int bSignExponent, long b) {
    addSigned(r, aSignExponent, a, bSignExponent, b, Extended.SIGN);
  }

  static void subtractReverse(Result r, int aSignExponent, long a, int bSignExponent, long b) {
    addSigned(r, bSignExponent, b, aSignExponent, a, Extended.SIGN);
  }

  static void divideReverse(Result r, int aSignExponent, long a, int bSignExponent, long b) {
    divide(r, bSignExponent, b, aSignExponent, a);
  }

  private static void addSigned(
      Result r, int aSignExponent, long a, int bSignExponent, long b, int flip) {
    if (!areNormal(r, aSignExponent, a, bSignExponent, b)) {
      if (nanOrUnsupported(r, aSignExponent, a, bSignExponent, b)) {
        return;
      }
      bSignExponent ^= flip;
      if (addSpecial(r, aSignExponent, a, bSignExponent, b)) {
        return;
      }
    } else {
      bSignExponent ^= flip;
    }
    int aSign = Extended.sign(aSignExponent);
    int bSign = Extended.sign(bSignExponent);
    int aExponent = Extended.normalExponent(aSignExponent, a);
    int bExponent = Extended.normalExponent(bSignExponent, b);
    a = Extended.normalSignificand(a);
    b = Extended.normalSignificand(b);
    boolean aIsLarger =
        aExponent != bExponent ? aExponent > bExponent : Long.compareUnsigned(a, b) >= 0;
    if (aIsLarger) {
      addMagnitudes(r, aSign, aExponent, a, b, aExponent - bExponent, aSign != bSign);
    } else {
      addMagnitudes(r, bSign, bExponent, b, a, bExponent - aExponent, aSign != bSign);
    }
  }

  private static boolean areNormal(Result r, int aSignExponent, long a, int bSignExponent, long b) {
    return isNormal(aSignExponent, a) && isNormal(bSignExponent, b) && !r.denormalInMemory;
  }

  private static boolean addSpecial(
      Result r, int aSignExponent, long a, int bSignExponent, long b) {
    boolean aInfinite = isInfinity(aSignExponent, a);
    boolean bInfinite = isInfinity(bSignExponent, b);
    if (aInfinite && bInfinite && aSignExponent != bSignExponent) {
      r.invalid();
      return true;
    }
    noteDenormals(r, aSignExponent, a, bSignExponent, b);
    if (aInfinite || bInfinite) {
      r.set(aInfinite ? aSignExponent : bSignExponent, Extended.INTEGER_BIT);
      return true;
    }
    if (isZero(aSignExponent, a)) {
      if (isZero(bSignExponent, b)) {
        r.setZero(aSignExponent == bSignExponent ? aSignExponent : r.signOfDifference());
      } else {
        roundOperand(r, bSignExponent, b);
      }
      return true;
    }
    if (isZero(bSignExponent, b)) {
      roundOperand(r, aSignExponent, a);
      return true;
    }
    return false;
  }

  private static void roundOperand(Result r, int signExponent, long significand) {
    r.roundByControl(
        Extended.sign(signExponent),
        Extended.normalExponent(signExponent, significand),
        Extended.normalSignificand(significand),
        0);
  }

  private static void addMagnitudes(
      Result r, int sign, int exponent, long large, long small, int shift, boolean subtract) {
    long smallHigh = shift < 64 ? small >>> shift : 0;
    long smallLow = shift == 0 ? 0 : Result.shiftRightLow(small, 0, shift);
    if (subtract) {
      long low = -smallLow;
      long high = large - smallHigh - (smallLow != 0 ? 1 : 0);
      subtracted(r, sign, exponent, high, low);
      return;
    }
    long high = large + smallHigh;
    if (Long.compareUnsigned(high, large) < 0) {
      smallLow = high << 63 | smallLow >>> 1 | smallLow & 1;
      high = high >>> 1 | Extended.INTEGER_BIT;
      exponent++;
    }
    r.roundByControl(sign, exponent, high, smallLow);
  }

  private static void subtracted(Result r, int sign, int exponent, long high, long low) {
    if ((high | low) == 0) {
      r.setZero(r.signOfDifference());
      return;
    }
    int shift = Long.numberOfLeadingZeros(high);
    if (shift == 64) {
      int more = Long.numberOfLeadingZeros(low);
      r.roundByControl(sign, exponent - 64 - more, low << more, 0);
    } else if (shift == 0) {
      r.roundByControl(sign, exponent, high, low);
    } else {
      r.roundByControl(sign, exponent - shift, high << shift | low >>> (64 - shift), low << shift);
    }
  }

  static void multiply(Result r, int aSignExponent, long a, int bSignExponent, long b) {
    int sign = Extended.sign(aSignExponent ^ bSignExponent);
    if (!areNormal(r, aSignExponent, a, bSignExponent, b)
        && (nanOrUnsupported(r, aSignExponent, a, bSignExponent, b)
            || multiplySpecial(r, sign, aSignExponent, a, bSignExponent, b))) {
      return;
    }
    int exponent =
        Extended.normalExponent(aSignExponent, a)
            + Extended.normalExponent(bSignExponent, b)
            - Extended.BIAS
            + 1;
    a = Extended.normalSignificand(a);
    b = Extended.normalSignificand(b);
    long high = Math.unsignedMultiplyHigh(a, b);
    long low = a * b;
    if (high >= 0) {
      high = high << 1 | low >>> 63;
      low <<= 1;
      exponent--;
    }
    r.roundByControl(sign, exponent, high, low);
  }

  private static boolean multiplySpecial(
      Result r, int sign, int aSignExponent, long a, int bSignExponent, long b) {
    boolean infinite = isInfinity(aSignExponent, a) || isInfinity(bSignExponent, b);
    boolean zero = isZero(aSignExponent, a) || isZero(bSignExponent, b);
    if (infinite && zero) {
      r.invalid();
      return true;
    }
    noteDenormals(r, aSignExponent, a, bSignExponent, b);
    if (infinite) {
      r.setInfinity(sign);
    } else if (zero) {
      r.setZero(sign);
    }
    return infinite || zero;
  }

  static void divide(Result r, int aSignExponent, long a, int bSignExponent, long b) {
    int sign = Extended.sign(aSignExponent ^ bSignExponent);
    if (!areNormal(r, aSignExponent, a, bSignExponent, b)
        && (nanOrUnsupported(r, aSignExponent, a, bSignExponent, b)
            || divideSpecial(r, sign, aSignExponent, a, bSignExponent, b))) {
      return;
    }
    int exponent =
        Extended.normalExponent(aSignExponent, a)
            - Extended.normalExponent(bSignExponent, b)
            + Extended.BIAS;
    a = Extended.normalSignificand(a);
    b = Extended.normalSignificand(b);
    long high = a;
    long low = 0;
    if (Long.compareUnsigned(a, b) >= 0) {
      high = a >>> 1;
      low = a << 63;
    } else {
      exponent--;
    }
    long quotient = Wide.divide(high, low, b);
    long remainder = low - quotient * b;
    long more = Wide.divide(remainder, 0, b);
    long sticky = more * b != 0 ? 1 : 0;
    r.roundByControl(sign, exponent, quotient, more | sticky);
  }

  private static boolean divideSpecial(
      Result r, int sign, int aSignExponent, long a, int bSignExponent, long b) {
    boolean aInfinite = isInfinity(aSignExponent, a);
    boolean bInfinite = isInfinity(bSignExponent, b);
    boolean aZero = isZero(aSignExponent, a);
    boolean bZero = isZero(bSignExponent, b);
    if (aInfinite && bInfinite || aZero && bZero) {
      r.invalid();
      return true;
    }
    if (bZero && !aInfinite) {
      r.raised |= StatusWord.ZE;
      r.setInfinity(sign);
      return true;
    }
    noteDenormals(r, aSignExponent, a, bSignExponent, b);
    if (aInfinite) {
      r.setInfinity(sign);
    } else if (bInfinite || aZero) {
      r.setZero(sign);
    }
    return aInfinite || bInfinite || aZero;
  }

  static void squareRoot(Result r, int signExponent, long significand) {
    if (!isNormal(signExponent, significand)) {
      if (nanOrUnsupported(r, signExponent, significand)) {
        return;
      }
      if (isZero(signExponent, significand)) {
        r.set(signExponent, significand);
        return;
      }
    }
    if (Extended.sign(signExponent) != 0) {
      r.invalid();
      return;
    }
    if (isInfinity(signExponent, significand)) {
      r.set(signExponent, significand);
      return;
    }
    r.noteDenormal(signExponent, significand);
    int exponent = Extended.normalExponent(signExponent, significand) - Extended.BIAS;
    significand = Extended.normalSignificand(significand);
    boolean odd = (exponent & 1) != 0;
    long high = odd ? significand : significand >>> 1;
    long low = odd ? 0 : significand << 63;
    long root = Wide.squareRoot(high, low);
    long square = root * root;
    long rest = low - square;
    boolean exact = rest == 0 && high == Math.unsignedMultiplyHigh(root, root);
    boolean aboveHalf = exact ? false : restAbove(high, low, root);
    long fraction = exact ? 0 : aboveHalf ? -1L : 1;
    r.roundByControl(0, (exponent >> 1) + Extended.BIAS, root, fraction);
  }

  /** Whether the value minus the square of its root is larger than the root. */
  private static boolean restAbove(long high, long low, long root) {
    long squareLow = root * root;
    long restHigh = high - Math.unsignedMultiplyHigh(root, root);
    if (Long.compareUnsigned(low, squareLow) < 0) {
      restHigh--;
    }
    return restHigh != 0 || Long.compareUnsigned(low - squareLow, root) > 0;
  }

  static void noteDenormals(Result r, int aSignExponent, long a, int bSignExponent, long b) {
    if (r.denormalInMemory || isDenormal(aSignExponent, a) || isDenormal(bSignExponent, b)) {
      r.raised |= StatusWord.DE;
    }
  }

  /** Gives the result if the operand is a NaN or unsupported. */
  static boolean nanOrUnsupported(Result r, int signExponent, long significand) {
    if (isUnsupported(signExponent, significand)) {
      r.invalid();
      return true;
    }
    if (!isNan(signExponent, significand)) {
      return false;
    }
    if (isSignalling(signExponent, significand)) {
      r.raised |= StatusWord.IE;
    }
    r.set(signExponent, significand | Extended.QUIET_BIT);
    return true;
  }

  /**
   * Gives the result if an operand is a NaN or unsupported.
   *
   * @spec Intel SDM Vol. 1, "Rules for Handling NaNs"
   */
  static boolean nanOrUnsupported(Result r, int aSignExponent, long a, int bSignExponent, long b) {
    if (isUnsupported(aSignExponent, a) || isUnsupported(bSignExponent, b)) {
      r.invalid();
      return true;
    }
    boolean aNan = isNan(aSignExponent, a);
    boolean bNan = isNan(bSignExponent, b);
    if (!aNan && !bNan) {
      return false;
    }
    boolean aSignalling = isSignalling(aSignExponent, a);
    boolean bSignalling = isSignalling(bSignExponent, b);
    if (aSignalling || bSignalling) {
      r.raised |= StatusWord.IE;
    }
    boolean takeA;
    if (aNan && bNan && aSignalling == bSignalling) {
      takeA = largerSignificand(aSignExponent, a, bSignExponent, b);
    } else {
      takeA = aNan && (!bNan || bSignalling);
    }
    if (takeA) {
      r.set(aSignExponent, a | Extended.QUIET_BIT);
    } else {
      r.set(bSignExponent, b | Extended.QUIET_BIT);
    }
    return true;
  }

  private static boolean largerSignificand(int aSignExponent, long a, int bSignExponent, long b) {
    int order = Long.compareUnsigned(a, b);
    return order != 0 ? order > 0 : aSignExponent < bSignExponent;
  }
}
