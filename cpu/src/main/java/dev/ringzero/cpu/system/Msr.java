package dev.ringzero.cpu.system;

/**
 * Indices of the model-specific registers that the processor holds.
 *
 * @spec Intel SDM Vol. 4, "Architectural MSRs"
 */
final class Msr {
  static final int IA32_TIME_STAMP_COUNTER = 0x10;
  static final int IA32_PLATFORM_ID = 0x17;
  static final int IA32_TSC_ADJUST = 0x3B;
  static final int IA32_SPEC_CTRL = 0x48;
  static final int IA32_PRED_CMD = 0x49;
  static final int IA32_BIOS_SIGN_ID = 0x8B;
  static final int IA32_MTRRCAP = 0xFE;
  static final int IA32_ARCH_CAPABILITIES = 0x10A;
  static final int IA32_SYSENTER_CS = 0x174;
  static final int IA32_SYSENTER_ESP = 0x175;
  static final int IA32_SYSENTER_EIP = 0x176;
  static final int IA32_MCG_CAP = 0x179;
  static final int IA32_MCG_STATUS = 0x17A;
  static final int IA32_MISC_ENABLE = 0x1A0;
  static final int IA32_PKRS = 0x6E1;
  static final int IA32_DEBUGCTL = 0x1D9;
  static final int IA32_MTRR_PHYSBASE0 = 0x200;
  static final int IA32_MTRR_FIX64K_00000 = 0x250;
  static final int IA32_MTRR_FIX16K_80000 = 0x258;
  static final int IA32_MTRR_FIX16K_A0000 = 0x259;
  static final int IA32_MTRR_FIX4K_C0000 = 0x268;
  static final int IA32_MTRR_FIX4K_F8000 = 0x26F;
  static final int IA32_PAT = 0x277;
  static final int IA32_MTRR_DEF_TYPE = 0x2FF;
  static final int IA32_MC0_CTL = 0x400;
  static final int IA32_XSS = 0xDA0;
  static final int IA32_EFER = 0xC000_0080;
  static final int IA32_STAR = 0xC000_0081;
  static final int IA32_LSTAR = 0xC000_0082;
  static final int IA32_CSTAR = 0xC000_0083;
  static final int IA32_FMASK = 0xC000_0084;
  static final int IA32_FS_BASE = 0xC000_0100;
  static final int IA32_GS_BASE = 0xC000_0101;
  static final int IA32_KERNEL_GS_BASE = 0xC000_0102;
  static final int IA32_TSC_AUX = 0xC000_0103;

  private Msr() {}
}
