package dev.ringzero.x86;

/**
 * RFLAGS.
 *
 * @spec Intel SDM Vol. 1, "EFLAGS Register"
 */
public final class Rflags {
  public static final long CF = 1L << 0; // Carry
  public static final long FIXED = 1L << 1; // always one
  public static final long PF = 1L << 2; // Parity
  public static final long AF = 1L << 4; // Auxiliary Carry
  public static final long ZF = 1L << 6; // Zero
  public static final long SF = 1L << 7; // Sign
  public static final long TF = 1L << 8; // Trap
  public static final long IF = 1L << 9; // Interrupt Enable
  public static final long DF = 1L << 10; // Direction
  public static final long OF = 1L << 11; // Overflow
  public static final long IOPL = 3L << 12; // I/O Privilege Level
  public static final long NT = 1L << 14; // Nested Task
  public static final long RF = 1L << 16; // Resume
  public static final long VM = 1L << 17; // Virtual-8086 Mode
  public static final long AC = 1L << 18; // Alignment Check, Access Control
  public static final long VIF = 1L << 19; // Virtual Interrupt
  public static final long VIP = 1L << 20; // Virtual Interrupt Pending
  public static final long ID = 1L << 21; // Identification

  /** The six flags that arithmetic instructions set. */
  public static final long STATUS = CF | PF | AF | ZF | SF | OF;

  private Rflags() {}
}
