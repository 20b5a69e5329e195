package dev.ringzero.x86.instruction;

/**
 * The circumstances that choose between rows of one opcode, one bit each and one bit set of each
 * group. A row matches where none of the bits that it rejects is set.
 */
final class Selector {
  static final int PREFIX = 0; // 4 bits: none, 66, F3, F2, as VEX.pp numbers them
  static final int REG = 4; // 8 bits: ModRM.reg without its extension
  static final int RM = 12; // 8 bits: ModRM.rm without its extension
  static final long MEMORY = 1L << 20; // ModRM.mod is not 3
  static final long REGISTER = 1L << 21; // ModRM.mod is 3
  static final long W0 = 1L << 22; // neither REX.W nor VEX.W
  static final long W1 = 1L << 23; // REX.W, or VEX.W in 64-bit mode
  static final long W1_NOT_64 = 1L << 24; // VEX.W outside 64-bit mode
  static final long L0 = 1L << 25; // VEX.L is 0
  static final long L1 = 1L << 26; // VEX.L is 1
  static final long MODE_64 = 1L << 27;
  static final long MODE_NOT_64 = 1L << 28;
  static final long ADDRESS_16 = 1L << 29;
  static final long ADDRESS_32 = 1L << 30;
  static final long ADDRESS_64 = 1L << 31;
  static final long EXTENDED = 1L << 32; // REX.B
  static final long VVVV_USED = 1L << 33; // VEX.vvvv is not 1111b

  static final long ANY_PREFIX = 0xFL << PREFIX;
  static final long ANY_REG = 0xFFL << REG;
  static final long ANY_RM = 0xFFL << RM;

  private Selector() {}
}
