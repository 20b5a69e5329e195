package dev.ringzero.cpu.x87;

/**
 * State of the x87 unit, and of MMX, whose registers are its significands. Registers are physical
 * (R0 to R7): ST(i) is register {@code (top + i) & 7}.
 *
 * @spec Intel SDM Vol. 1, "Programming with the x87 FPU"
 */
public final class X87 {
  /** Significands of R0 to R7 with explicit integer bit; MMX register n is {@code significand[n]}. */
  public final long[] significand = new long[8];

  /** Sign (bit 15) and biased exponent (bits 14:0) of R0 to R7. */
  public final int[] signExponent = new int[8];

  public int controlWord = 0x37F;

  /** Status word without TOP, which is {@link #top}. */
  public int statusWord;

  /** Top of stack, 0 to 7. */
  public int top;

  /** Full tag word, two bits a register. */
  public int tagWord = 0xFFFF;

  public long instructionPointer;
  public int instructionSelector;
  public long dataPointer;
  public int dataSelector;

  /** Last opcode, 11 bits. */
  public int opcode;
}
