package dev.ringzero.x86;

/**
 * CR4, the control register of architectural extensions.
 *
 * @spec Intel SDM Vol. 3A, "Control Registers"
 */
public final class Cr4 {
  public static final long VME = 1L << 0; // Virtual-8086 Mode Extensions
  public static final long PVI = 1L << 1; // Protected-Mode Virtual Interrupts
  public static final long TSD = 1L << 2; // Time Stamp Disable
  public static final long DE = 1L << 3; // Debugging Extensions
  public static final long PSE = 1L << 4; // Page Size Extensions
  public static final long PAE = 1L << 5; // Physical Address Extension
  public static final long MCE = 1L << 6; // Machine-Check Enable
  public static final long PGE = 1L << 7; // Page Global Enable
  public static final long PCE = 1L << 8; // Performance-Monitoring Counter Enable
  public static final long OSFXSR = 1L << 9; // OS support for FXSAVE and FXRSTOR
  public static final long OSXMMEXCPT = 1L << 10; // OS support for unmasked SIMD exceptions
  public static final long UMIP = 1L << 11; // User-Mode Instruction Prevention
  public static final long LA57 = 1L << 12; // 57-bit linear addresses
  public static final long VMXE = 1L << 13; // VMX Enable
  public static final long FSGSBASE = 1L << 16; // RDFSBASE and kin enabled
  public static final long PCIDE = 1L << 17; // PCID Enable
  public static final long OSXSAVE = 1L << 18; // XSAVE and processor extended states enabled
  public static final long SMEP = 1L << 20; // Supervisor-Mode Execution Prevention
  public static final long SMAP = 1L << 21; // Supervisor-Mode Access Prevention
  public static final long PKE = 1L << 22; // Protection Keys for user pages
  public static final long PKS = 1L << 24; // Protection Keys for supervisor pages

  private Cr4() {}
}
