package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Instruction;

/**
 * PCMPESTRI, PCMPESTRM, PCMPISTRI and PCMPISTRM: two strings of bytes or words compared as the
 * immediate says.
 *
 * @spec Intel SDM Vol. 2B, "Imm8 Control Byte Operation for PCMPESTRI / PCMPESTRM / PCMPISTRI /
 *     PCMPISTRM"
 */
final class StringCompare {
  private static final int WORDS = 1 << 0;
  private static final int SIGNED = 1 << 1;
  private static final int AGGREGATION = 3 << 2;
  private static final int EQUAL_ANY = 0 << 2;
  private static final int RANGES = 1 << 2;
  private static final int EQUAL_EACH = 2 << 2;
  private static final int NEGATIVE = 1 << 4; // polarity
  private static final int MASKED = 1 << 5; // polarity: only where the second string is valid
  private static final int OUTPUT = 1 << 6; // highest index, or a mask of whole elements

  private StringCompare() {}

  static Semantics of(String name) {
    return switch (name) {
      case "PCMPESTRI" -> (c, i) -> index(c, i, compareExplicit(c, i));
      case "PCMPESTRM" -> (c, i) -> mask(c, i, compareExplicit(c, i));
      case "PCMPISTRI" -> (c, i) -> index(c, i, compareImplicit(c, i));
      case "PCMPISTRM" -> (c, i) -> mask(c, i, compareImplicit(c, i));
      default -> null;
    };
  }

  private static int elements(Instruction i) {
    return (i.immediate & WORDS) != 0 ? 8 : 16;
  }

  private static int compareExplicit(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    int second = Access.rm128(cpu, i);
    int firstLength = length(cpu.gpr[Cpu.RAX], i);
    return compare(cpu, i, second, firstLength, length(cpu.gpr[Cpu.RDX], i));
  }

  /** The absolute value, at most all elements. */
  private static int length(long register, Instruction i) {
    long value = i.w ? register : (int) register;
    return value > -16 && value < 16 ? (int) Math.min(Math.abs(value), elements(i)) : elements(i);
  }

  private static int compareImplicit(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    int second = Access.rm128(cpu, i);
    int firstLength = lengthToNull(cpu, i, Access.reg(i));
    return compare(cpu, i, second, firstLength, lengthToNull(cpu, i, second));
  }

  private static int lengthToNull(Cpu cpu, Instruction i, int vector) {
    int n = 0;
    while (n < elements(i) && element(cpu, i, vector, n) != 0) {
      n++;
    }
    return n;
  }

  private static int element(Cpu cpu, Instruction i, int vector, int n) {
    int control = (int) i.immediate;
    if ((control & WORDS) != 0) {
      int word = (int) (cpu.vector[vector + (n >> 2)] >>> (n & 3) * 16);
      return (control & SIGNED) != 0 ? (short) word : word & 0xFFFF;
    }
    int octet = (int) (cpu.vector[vector + (n >> 3)] >>> (n & 7) * 8);
    return (control & SIGNED) != 0 ? (byte) octet : octet & 0xFF;
  }

  /** Sets the flags and returns a bit for each element of the second string. */
  private static int compare(
      Cpu cpu, Instruction i, int second, int firstLength, int secondLength) {
    int all = elements(i);
    int result = 0;
    for (int n = 0; n < all; n++) {
      if (matches(cpu, i, second, n, firstLength, secondLength)) {
        result |= 1 << n;
      }
    }
    if ((i.immediate & NEGATIVE) != 0) {
      result ^= (1 << ((i.immediate & MASKED) != 0 ? secondLength : all)) - 1;
    }
    Flags.status(
        cpu,
        (result != 0 ? Rflags.CF : 0)
            | (secondLength < all ? Rflags.ZF : 0)
            | (firstLength < all ? Rflags.SF : 0)
            | ((result & 1) != 0 ? Rflags.OF : 0));
    return result;
  }

  private static boolean matches(
      Cpu cpu, Instruction i, int second, int n, int firstLength, int secondLength) {
    int first = Access.reg(i);
    return switch ((int) i.immediate & AGGREGATION) {
      case EQUAL_ANY ->
          n < secondLength && isAny(cpu, i, first, firstLength, element(cpu, i, second, n));
      case RANGES ->
          n < secondLength && isInRange(cpu, i, first, firstLength, element(cpu, i, second, n));
      case EQUAL_EACH ->
          n < firstLength && n < secondLength
              ? element(cpu, i, first, n) == element(cpu, i, second, n)
              : n >= firstLength && n >= secondLength;
      default -> startsAt(cpu, i, second, n, firstLength, secondLength);
    };
  }

  private static boolean isAny(Cpu cpu, Instruction i, int first, int length, int value) {
    for (int n = 0; n < length; n++) {
      if (element(cpu, i, first, n) == value) {
        return true;
      }
    }
    return false;
  }

  private static boolean isInRange(Cpu cpu, Instruction i, int first, int length, int value) {
    for (int n = 0; n + 1 < length; n += 2) {
      if (element(cpu, i, first, n) <= value && value <= element(cpu, i, first, n + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Equal ordered: the first string, as far as it fits, is found at this place of the second. */
  private static boolean startsAt(
      Cpu cpu, Instruction i, int second, int at, int firstLength, int secondLength) {
    int first = Access.reg(i);
    for (int n = 0; n < firstLength && at + n < elements(i); n++) {
      if (at + n >= secondLength || element(cpu, i, first, n) != element(cpu, i, second, at + n)) {
        return false;
      }
    }
    return true;
  }

  private static void index(Cpu cpu, Instruction i, int result) {
    if (result == 0) {
      cpu.gpr[Cpu.RCX] = elements(i);
    } else if ((i.immediate & OUTPUT) != 0) {
      cpu.gpr[Cpu.RCX] = 31 - Integer.numberOfLeadingZeros(result);
    } else {
      cpu.gpr[Cpu.RCX] = Integer.numberOfTrailingZeros(result);
    }
  }

  private static void mask(Cpu cpu, Instruction i, int result) {
    if ((i.immediate & OUTPUT) == 0) {
      Access.write128(cpu, i, 0, result, 0);
    } else if ((i.immediate & WORDS) != 0) {
      Access.write128(cpu, i, 0, wordMask(result), wordMask(result >> 4));
    } else {
      Access.write128(cpu, i, 0, byteMask(result), byteMask(result >> 8));
    }
  }

  private static long wordMask(int bits) {
    return Shuffle.blendWords(0, -1, bits);
  }

  private static long byteMask(int bits) {
    long result = 0;
    for (int n = 0; n < 8; n++) {
      if ((bits >> n & 1) != 0) {
        result |= 0xFFL << 8 * n;
      }
    }
    return result;
  }
}
