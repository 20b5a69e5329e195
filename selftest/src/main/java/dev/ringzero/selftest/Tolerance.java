package dev.ringzero.selftest;

import dev.ringzero.testkit.silicon.ProcessorState;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Where two processors may differ by the manual's words: undefined flags and destinations, and
 * results that are approximations with a bound.
 *
 * @spec Intel SDM Vol. 2, "Operation" and "Flags Affected" of each instruction
 */
final class Tolerance {
  private static final double APPROXIMATION = 3.0 / 4096; // twice 1.5 times 2^-12

  private Tolerance() {}

  /** Whether the manual leaves the whole result of this instruction in this state open. */
  static boolean isOpen(Instruction i, ProcessorState before) {
    return switch (i.form.meaning) {
      case "SHLD", "SHRD" -> {
        long count =
            i.form.operands[2].place() == Operand.Place.IMMEDIATE ? i.immediate : before.gpr[1];
        yield i.operandSize == 16 && (count & 31) > 16;
      }
      case "FYL2XP1" -> beyondLogarithm(before.signExponent[0] & 0x7FFF, before.significand[0]);
      default -> false;
    };
  }

  /** FYL2XP1 is defined for magnitudes up to 1 - sqrt(1/2). */
  private static boolean beyondLogarithm(int exponent, long significand) {
    return exponent != 0x7FFF
        && (exponent > 0x3FFD
            || exponent == 0x3FFD && Long.compareUnsigned(significand, 0x95F6_1998_0C43_36F8L) > 0);
  }

  /** Status flags and DF that must be equal. */
  static long flags(Instruction i) {
    return (Rflags.STATUS | Rflags.DF) & ~i.form.flagsUndefined;
  }

  /**
   * Bits of a page fault's address that must be equal: where in an operand it arises may be open.
   */
  static long faultAddress(Instruction i) {
    if (i.form.meaning.equals("CMPS")) {
      return 0; // either operand may be read first
    }
    return mayStoreInPart(i) || i.form.meaning.contains("MASKMOV") ? -4096 : -1;
  }

  /** Whether a store that faults on its second page may have written the first. */
  static boolean mayStoreInPart(Instruction i) {
    return i.form.is(Attribute.X87) || Images.isImage(i.form);
  }

  /** Whether flags after a fault may be those of the last step or those before: REP CMPS, SCAS. */
  static boolean mayKeepFlags(Instruction i) {
    return i.form.is(Attribute.STRING) && (i.rep || i.repne);
  }

  /**
   * An exception, the same number for those of which either may come: a CMPXCHG16B may be not
   * aligned (#GP) and on the stack at an address that is not canonical (#SS).
   */
  static int exception(Instruction i, int vector) {
    if (i != null && i.form.meaning.equals("CMPS") && vector >= 0) {
      return Vector.PF; // either operand may be read first, and each has its own exception
    }
    return i != null && i.form.meaning.startsWith("CMPXCHG") && vector == Vector.SS
        ? Vector.GP
        : vector;
  }

  /** Whether an XRSTOR that refuses a part of the image may have restored another. */
  static boolean mayRestoreInPart(Instruction i, ProcessorState after) {
    return i.form.meaning.equals("XRSTOR") && after.exception >= 0;
  }

  /** Whether an MMX store that faulted may have changed tags and TOP before. */
  static boolean mayHaveEnteredMmx(Instruction i, ProcessorState after) {
    return i.form.is(Attribute.MMX) && after.exception >= 0;
  }

  /** Whether a conversion whose store faulted may have left its exceptions in MXCSR. */
  static boolean mayHaveRaised(Instruction i, ProcessorState after) {
    return i.form.meaning.equals("VCVTPS2PH") && after.exception == Vector.PF;
  }

  /** Whether the general destination is undefined: bit scans of zero. */
  static boolean destinationOpen(Instruction i, ProcessorState after) {
    return switch (i.form.meaning) {
      case "BSF", "BSR" -> (after.flags & Rflags.ZF) != 0;
      default -> false;
    };
  }

  /** Whether vector results are approximations of singles. */
  static boolean approximatesSingles(Instruction i) {
    return switch (i.form.meaning) {
      case "RCPPS", "RCPSS", "RSQRTPS", "RSQRTSS", "VRCPPS", "VRCPSS", "VRSQRTPS", "VRSQRTSS" ->
          true;
      default -> false;
    };
  }

  static boolean closeSingles(long ours, long silicon) {
    return close((int) ours, (int) silicon) && close((int) (ours >>> 32), (int) (silicon >>> 32));
  }

  private static boolean close(int ours, int silicon) {
    if (ours == silicon) {
      return true;
    }
    float a = Float.intBitsToFloat(ours);
    float b = Float.intBitsToFloat(silicon);
    return Math.abs(a - b) <= Math.abs(b) * APPROXIMATION;
  }

  /** Whether x87 results are approximations, good to one unit in the last place. */
  static boolean isTranscendental(Instruction i) {
    return switch (i.form.meaning) {
      case "FSIN", "FCOS", "FSINCOS", "FPTAN", "FPATAN", "F2XM1", "FYL2X", "FYL2XP1" -> true;
      default -> false;
    };
  }

  /** Whether two extended values are at most one unit in the last place apart on each side. */
  static boolean closeExtended(
      int ourSignExponent, long ours, int siliconSignExponent, long silicon) {
    long high = siliconSignExponent - ourSignExponent;
    long distance = silicon - ours;
    if (high == 1 && ours < 0 && silicon < 0) {
      distance = (silicon << 1) - ours;
    } else if (high == -1) {
      distance = silicon - (ours << 1);
    } else if (high != 0) {
      return false;
    }
    return Math.abs(distance) <= 2;
  }
}
