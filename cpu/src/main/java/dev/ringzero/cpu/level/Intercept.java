package dev.ringzero.cpu.level;

import java.util.HashMap;
import java.util.Map;

/** Instructions that a monitor may keep from its guest, by their meaning in the table. */
public enum Intercept {
  CPUID,
  HLT,
  PAUSE,
  MONITOR,
  MWAIT,
  RDTSC,
  RDTSCP,
  RDPID,
  RDPMC,
  RDMSR,
  WRMSR,
  XSETBV,
  XSAVES,
  XRSTORS,
  RDRAND,
  RDSEED,
  RSM,
  INVD,
  WBINVD,
  WBNOINVD,
  INVLPG,
  INVPCID,
  MOV_CR,
  MOV_DR,
  CLTS,
  LMSW,
  SMSW,
  SGDT,
  SIDT,
  LGDT,
  LIDT,
  SLDT,
  STR,
  LLDT,
  LTR,
  PUSHF,
  POPF,
  IRET,
  INT,
  INT1,
  IN,
  OUT,
  INS,
  OUTS,
  VMCALL,
  VMLAUNCH,
  VMRESUME,
  VMXON,
  VMXOFF,
  VMFUNC,
  VMPTRLD,
  VMPTRST,
  VMCLEAR,
  VMREAD,
  VMWRITE,
  INVEPT,
  INVVPID,
  VMRUN,
  VMMCALL,
  VMLOAD,
  VMSAVE,
  STGI,
  CLGI,
  SKINIT,
  INVLPGA;

  private static final Map<String, Intercept> BY_MEANING = new HashMap<>();

  static {
    for (Intercept intercept : values()) {
      BY_MEANING.put(intercept.name(), intercept);
    }
  }

  /** What instructions of this meaning are, or null if no monitor can keep them. */
  public static Intercept of(String meaning) {
    return BY_MEANING.get(meaning);
  }
}
