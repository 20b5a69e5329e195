package dev.ringzero.cpu.vmx;

/**
 * Bits of the guest-interruptibility field.
 *
 * @spec Intel SDM Vol. 3C, "Guest Non-Register State"
 */
final class Interruptibility {
  static final int STI = 1 << 0; // Blocking by STI
  static final int MOV_SS = 1 << 1; // Blocking by MOV SS
  static final int NMI = 1 << 3; // Blocking by NMI

  /** Those that a guest outside SMM and enclaves can have. */
  static final int KNOWN = STI | MOV_SS | NMI;

  private Interruptibility() {}
}
