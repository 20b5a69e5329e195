package dev.ringzero.cpu.x87;

/**
 * The x87 status word.
 *
 * @spec Intel SDM Vol. 1, "x87 FPU Status Register"
 */
public final class StatusWord {
  public static final int IE = 1 << 0; // Invalid Operation
  public static final int DE = 1 << 1; // Denormalized Operand
  public static final int ZE = 1 << 2; // Zero Divide
  public static final int OE = 1 << 3; // Overflow
  public static final int UE = 1 << 4; // Underflow
  public static final int PE = 1 << 5; // Precision
  public static final int SF = 1 << 6; // Stack Fault
  public static final int ES = 1 << 7; // Exception Summary
  public static final int C0 = 1 << 8; // Condition Code
  public static final int C1 = 1 << 9;
  public static final int C2 = 1 << 10;
  public static final int C3 = 1 << 14;
  public static final int B = 1 << 15; // FPU Busy, a copy of ES

  /** The six exceptions, at the places of their masks in the control word. */
  public static final int EXCEPTIONS = IE | DE | ZE | OE | UE | PE;

  /** Exceptions found before anything is computed: unmasked, they leave the destination alone. */
  static final int BEFORE_COMPUTATION = IE | DE | ZE;

  static final int CONDITIONS = C0 | C1 | C2 | C3;
  static final int TOP_SHIFT = 11;
  static final int TOP = 7 << TOP_SHIFT;

  private StatusWord() {}
}
