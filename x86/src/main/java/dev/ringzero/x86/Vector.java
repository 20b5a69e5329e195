package dev.ringzero.x86;

/**
 * Exception and interrupt vectors that the architecture itself uses.
 *
 * @spec Intel SDM Vol. 3A, "Exception and Interrupt Reference"
 */
public final class Vector {
  public static final int DE = 0; // Divide Error
  public static final int DB = 1; // Debug
  public static final int NMI = 2; // Non-Maskable Interrupt
  public static final int BP = 3; // Breakpoint
  public static final int OF = 4; // Overflow
  public static final int BR = 5; // BOUND Range Exceeded
  public static final int UD = 6; // Invalid Opcode
  public static final int NM = 7; // Device Not Available
  public static final int DF = 8; // Double Fault
  public static final int TS = 10; // Invalid TSS
  public static final int NP = 11; // Segment Not Present
  public static final int SS = 12; // Stack-Segment Fault
  public static final int GP = 13; // General Protection
  public static final int PF = 14; // Page Fault
  public static final int MF = 16; // x87 Floating-Point Error
  public static final int AC = 17; // Alignment Check
  public static final int MC = 18; // Machine Check
  public static final int XM = 19; // SIMD Floating-Point
  public static final int VE = 20; // Virtualization Exception
  public static final int CP = 21; // Control Protection

  private Vector() {}

  /** Whether exceptions of this vector push an error code. */
  public static boolean hasErrorCode(int vector) {
    return switch (vector) {
      case DF, TS, NP, SS, GP, PF, AC, CP -> true;
      default -> false;
    };
  }
}
