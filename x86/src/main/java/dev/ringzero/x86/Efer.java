package dev.ringzero.x86;

/**
 * IA32_EFER, the extended feature enable register.
 *
 * @spec Intel SDM Vol. 3A, "Extended Feature Enable Register"; AMD APM Vol. 2, "EFER"
 */
public final class Efer {
  public static final long SCE = 1L << 0; // SYSCALL Enable
  public static final long LME = 1L << 8; // IA-32e Mode Enable (AMD: Long Mode Enable)
  public static final long LMA = 1L << 10; // IA-32e Mode Active (AMD: Long Mode Active)
  public static final long NXE = 1L << 11; // Execute Disable Bit Enable (AMD: No-Execute Enable)
  public static final long SVME = 1L << 12; // AMD: Secure Virtual Machine Enable
  public static final long FFXSR = 1L << 14; // AMD: Fast FXSAVE/FXRSTOR

  private Efer() {}
}
