package dev.ringzero.cpu.x87;

/**
 * The x87 control word.
 *
 * @spec Intel SDM Vol. 1, "x87 FPU Control Word"
 */
final class ControlWord {
  /** After FNINIT: all exceptions masked, 64 bits of precision, round to nearest. */
  static final int INITIAL = 0x37F;

  /** After a processor reset. */
  static final int RESET = 0x40;

  /** Bit 6 is always one; bits 13 to 15 and 7 are always zero. */
  static final int FIXED_ONE = 0x40;

  static final int WRITABLE = 0x1F3F;

  static final int NEAREST = 0, DOWN = 1, UP = 2, ZERO = 3; // Rounding Control

  private ControlWord() {}

  /** RC, the rounding control. */
  static int rounding(int controlWord) {
    return controlWord >>> 10 & 3;
  }

  /** PC, the precision control, as a number of significand bits. */
  static int precision(int controlWord) {
    return switch (controlWord >>> 8 & 3) {
      case 0 -> 24;
      case 2 -> 53;
      default -> 64;
    };
  }
}
