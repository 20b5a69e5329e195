package dev.ringzero.x86.instruction;

/** Facts of a table row that decoder, interpreter and translator share, one bit each. */
public final class Attribute {
  public static final long LOCKABLE = 1L << 0; // a LOCK prefix is legal with a memory destination
  public static final long PRIVILEGED = 1L << 1; // #GP unless CPL is 0
  public static final long NOT_IN_64 = 1L << 2; // #UD in 64-bit mode
  public static final long ONLY_IN_64 = 1L << 3; // #UD outside 64-bit mode
  public static final long DEFAULT_64 = 1L << 4; // operand size is 64 by default in 64-bit mode
  public static final long FORCE_64 = 1L << 5; // operand size is 64 always in 64-bit mode
  public static final long BRANCH = 1L << 6; // may change RIP: ends a block
  public static final long ENDS_BLOCK = 1L << 7; // changes mode or interrupt state: ends a block
  public static final long STRING = 1L << 8; // string instruction, may repeat
  public static final long X87 = 1L << 9; // x87 state: #NM, #MF
  public static final long MMX = 1L << 10; // MMX registers
  public static final long SSE = 1L << 11; // legacy SSE: needs CR4.OSFXSR, #UD with CR0.EM
  public static final long AVX = 1L << 12; // VEX vector: needs XCR0 SSE and AVX
  public static final long ALIGNED = 1L << 13; // #GP on a memory operand not aligned to its size
  public static final long SIMD_FLOAT = 1L << 14; // may raise #XM
  public static final long USER = 1L << 15; // ordinary at any privilege: may run natively
  public static final long SERIALIZING = 1L << 16; // serializing
  public static final long PROTECTED = 1L << 17; // #UD in real and virtual-8086 mode
  public static final long MEMORY_ONLY = 1L << 18; // #UD with a register r/m
  public static final long REGISTER_ONLY = 1L << 19; // #UD with a memory r/m

  private Attribute() {}
}
