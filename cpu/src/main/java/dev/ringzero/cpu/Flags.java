package dev.ringzero.cpu;

import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Width;

/**
 * The status flags, kept as what the last operation left behind and worked out when they are asked
 * for.
 *
 * <p>{@link Cpu#flagResult} is the result, sign-extended: ZF, SF and PF come from it. {@link
 * Cpu#flagCarries} holds bits at fixed places: 63 is the carry out of the most significant bit
 * (CF), 62 the carry into it (OF is their difference), 3 the carry out of bit 3 (AF). Bit 4 inverts
 * SF and bits 15:8 are added to the result's low byte before parity is taken, so that any
 * combination of flags can be set.
 *
 * @spec Intel SDM Vol. 1, "Status Flags"
 */
public final class Flags {
  private static final long CARRY_OUT = 1L << 63;
  private static final long CARRY_IN = 1L << 62;
  private static final long BOTH_CARRIES = CARRY_OUT | CARRY_IN;
  private static final long AUXILIARY = 1L << 3;
  private static final long INVERT_SIGN = 1L << 4;
  private static final int PARITY_SHIFT = 8;

  private Flags() {}

  // After an operation.

  /** Flags of a sum, with or without carry in; {@code result} may have bits beyond the width. */
  public static void add(Cpu cpu, int width, long a, long b, long result) {
    carries(cpu, width, a & b | (a | b) & ~result, result);
  }

  /** Flags of the difference {@code a - b}, with or without borrow in. */
  public static void subtract(Cpu cpu, int width, long a, long b, long result) {
    carries(cpu, width, ~a & b | ~(a ^ b) & result, result);
  }

  private static void carries(Cpu cpu, int width, long carries, long result) {
    cpu.flagResult = Width.signExtend(width, result);
    cpu.flagCarries = carries << -width & BOTH_CARRIES | carries & AUXILIARY;
  }

  /** Flags of a bitwise operation: CF, OF and AF are clear. */
  public static void logical(Cpu cpu, int width, long result) {
    cpu.flagResult = Width.signExtend(width, result);
    cpu.flagCarries = 0;
  }

  /** ZF, SF and PF by the result, CF and OF as given (0 or 1), AF clear. */
  public static void shifted(Cpu cpu, int width, long result, long carry, long overflow) {
    cpu.flagResult = Width.signExtend(width, result);
    cpu.flagCarries = carry << 63 | (carry ^ overflow) << 62;
  }

  /** CF and OF as given (0 or 1), the others unchanged. */
  public static void carryAndOverflow(Cpu cpu, long carry, long overflow) {
    cpu.flagCarries = cpu.flagCarries & ~BOTH_CARRIES | carry << 63 | (carry ^ overflow) << 62;
  }

  /** Puts CF as it was in an earlier {@link Cpu#flagCarries}, the others unchanged (INC, DEC). */
  public static void keepCarry(Cpu cpu, long earlierCarries) {
    cpu.flagCarries ^= (cpu.flagCarries ^ earlierCarries) >> 63 & BOTH_CARRIES;
  }

  /** Sets or clears CF alone. */
  public static void carry(Cpu cpu, boolean set) {
    keepCarry(cpu, set ? CARRY_OUT : 0);
  }

  // Reading.

  public static boolean carry(Cpu cpu) {
    return cpu.flagCarries < 0;
  }

  /** CF as 0 or 1. */
  public static long carryBit(Cpu cpu) {
    return cpu.flagCarries >>> 63;
  }

  public static boolean overflow(Cpu cpu) {
    return (cpu.flagCarries ^ cpu.flagCarries << 1) < 0;
  }

  public static boolean zero(Cpu cpu) {
    return cpu.flagResult == 0;
  }

  public static boolean sign(Cpu cpu) {
    return (cpu.flagResult ^ (cpu.flagCarries & INVERT_SIGN) << 59) < 0;
  }

  public static boolean parity(Cpu cpu) {
    long low = (cpu.flagResult ^ cpu.flagCarries >>> PARITY_SHIFT) & 0xFF;
    return (Long.bitCount(low) & 1) == 0;
  }

  public static boolean auxiliary(Cpu cpu) {
    return (cpu.flagCarries & AUXILIARY) != 0;
  }

  /** SF differs from OF: less, signed. */
  private static boolean less(Cpu cpu) {
    long carries = cpu.flagCarries;
    return (cpu.flagResult ^ (carries & INVERT_SIGN) << 59 ^ carries ^ carries << 1) < 0;
  }

  /**
   * Whether a condition holds.
   *
   * @param code condition code 0 to 15, as in the opcodes of Jcc
   * @spec Intel SDM Vol. 1, "EFLAGS Condition Codes"
   */
  public static boolean condition(Cpu cpu, int code) {
    return switch (code) {
      case 0 -> overflow(cpu);
      case 1 -> !overflow(cpu);
      case 2 -> carry(cpu);
      case 3 -> !carry(cpu);
      case 4 -> zero(cpu);
      case 5 -> !zero(cpu);
      case 6 -> carry(cpu) || zero(cpu);
      case 7 -> !carry(cpu) && !zero(cpu);
      case 8 -> sign(cpu);
      case 9 -> !sign(cpu);
      case 10 -> parity(cpu);
      case 11 -> !parity(cpu);
      case 12 -> less(cpu);
      case 13 -> !less(cpu);
      case 14 -> zero(cpu) || less(cpu);
      default -> !zero(cpu) && !less(cpu);
    };
  }

  // As RFLAGS.

  /** The six status flags as {@link Rflags} bits. */
  public static long status(Cpu cpu) {
    return (carry(cpu) ? Rflags.CF : 0)
        | (parity(cpu) ? Rflags.PF : 0)
        | (auxiliary(cpu) ? Rflags.AF : 0)
        | (zero(cpu) ? Rflags.ZF : 0)
        | (sign(cpu) ? Rflags.SF : 0)
        | (overflow(cpu) ? Rflags.OF : 0);
  }

  /** Sets the six status flags; other bits of {@code rflags} are ignored. */
  public static void status(Cpu cpu, long rflags) {
    long result = (rflags & Rflags.ZF) != 0 ? 0 : 1;
    long parityWanted = (rflags & Rflags.PF) != 0 ? 0 : 1;
    long carry = (rflags & Rflags.CF) != 0 ? 1 : 0;
    long overflow = (rflags & Rflags.OF) != 0 ? 1 : 0;
    cpu.flagResult = result;
    cpu.flagCarries =
        carry << 63
            | (carry ^ overflow) << 62
            | ((rflags & Rflags.AF) != 0 ? AUXILIARY : 0)
            | ((rflags & Rflags.SF) != 0 ? INVERT_SIGN : 0)
            | (result ^ parityWanted) << PARITY_SHIFT;
  }

  /** Sets the status flags in {@code mask} as in {@code rflags}, the others unchanged. */
  public static void status(Cpu cpu, long mask, long rflags) {
    status(cpu, status(cpu) & ~mask | rflags & mask);
  }

  /** RFLAGS. */
  public static long read(Cpu cpu) {
    return cpu.systemFlags | status(cpu);
  }

  /** Sets all of RFLAGS; which bits an instruction may change is its own affair. */
  public static void write(Cpu cpu, long rflags) {
    status(cpu, rflags);
    cpu.systemFlags = rflags & ~Rflags.STATUS | Rflags.FIXED;
  }
}
