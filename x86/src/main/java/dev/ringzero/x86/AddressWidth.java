package dev.ringzero.x86;

/**
 * Address widths of our processors, as CPUID leaf 80000008H reports them and as paging enforces
 * them.
 *
 * @spec Intel SDM Vol. 2A, "CPUID"
 */
public final class AddressWidth {
  /** Physical address bits (MAXPHYADDR). */
  public static final int PHYSICAL_BITS = 46;

  /** Linear address bits with four levels of paging. */
  public static final int LINEAR_BITS = 48;

  private AddressWidth() {}
}
