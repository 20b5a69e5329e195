package dev.ringzero.x86;

/**
 * CR0, the control register of operating mode and processor state.
 *
 * @spec Intel SDM Vol. 3A, "Control Registers"
 */
public final class Cr0 {
  public static final long PE = 1L << 0; // Protection Enable
  public static final long MP = 1L << 1; // Monitor Coprocessor
  public static final long EM = 1L << 2; // Emulation
  public static final long TS = 1L << 3; // Task Switched
  public static final long ET = 1L << 4; // Extension Type
  public static final long NE = 1L << 5; // Numeric Error
  public static final long WP = 1L << 16; // Write Protect
  public static final long AM = 1L << 18; // Alignment Mask
  public static final long NW = 1L << 29; // Not Write-through
  public static final long CD = 1L << 30; // Cache Disable
  public static final long PG = 1L << 31; // Paging

  private Cr0() {}
}
