package dev.ringzero.x86;

/**
 * Why an inner guest left for its monitor. An intercept's bit in the VMCB follows from its code.
 *
 * @spec AMD64 APM Vol. 2, "SVM Intercept Exit Codes"
 */
public final class SvmExitCode {
  public static final int CR_READ = 0x00; // + number
  public static final int CR_WRITE = 0x10; // + number
  public static final int DR_READ = 0x20; // + number
  public static final int DR_WRITE = 0x30; // + number
  public static final int EXCEPTION = 0x40; // + vector
  public static final int INTR = 0x60;
  public static final int NMI = 0x61;
  public static final int SMI = 0x62;
  public static final int INIT = 0x63;
  public static final int VINTR = 0x64;
  public static final int CR0_SEL_WRITE = 0x65;
  public static final int IDTR_READ = 0x66;
  public static final int GDTR_READ = 0x67;
  public static final int LDTR_READ = 0x68;
  public static final int TR_READ = 0x69;
  public static final int IDTR_WRITE = 0x6A;
  public static final int GDTR_WRITE = 0x6B;
  public static final int LDTR_WRITE = 0x6C;
  public static final int TR_WRITE = 0x6D;
  public static final int RDTSC = 0x6E;
  public static final int RDPMC = 0x6F;
  public static final int PUSHF = 0x70;
  public static final int POPF = 0x71;
  public static final int CPUID = 0x72;
  public static final int RSM = 0x73;
  public static final int IRET = 0x74;
  public static final int SWINT = 0x75;
  public static final int INVD = 0x76;
  public static final int PAUSE = 0x77;
  public static final int HLT = 0x78;
  public static final int INVLPG = 0x79;
  public static final int INVLPGA = 0x7A;
  public static final int IOIO = 0x7B;
  public static final int MSR = 0x7C;
  public static final int TASK_SWITCH = 0x7D;
  public static final int SHUTDOWN = 0x7F;
  public static final int VMRUN = 0x80;
  public static final int VMMCALL = 0x81;
  public static final int VMLOAD = 0x82;
  public static final int VMSAVE = 0x83;
  public static final int STGI = 0x84;
  public static final int CLGI = 0x85;
  public static final int SKINIT = 0x86;
  public static final int RDTSCP = 0x87;
  public static final int ICEBP = 0x88;
  public static final int WBINVD = 0x89;
  public static final int MONITOR = 0x8A;
  public static final int MWAIT = 0x8B;
  public static final int MWAIT_ARMED = 0x8C;
  public static final int XSETBV = 0x8D;
  public static final int EFER_WRITE_TRAP = 0x8F;
  public static final int CR_WRITE_TRAP = 0x90; // + number
  public static final int INVPCID = 0xA2;
  public static final int NPF = 0x400;
  public static final int INVALID = -1;

  private static final String[] FROM_60 = {
    "INTR",
    "NMI",
    "SMI",
    "INIT",
    "VINTR",
    "CR0_SEL_WRITE",
    "IDTR_READ",
    "GDTR_READ",
    "LDTR_READ",
    "TR_READ",
    "IDTR_WRITE",
    "GDTR_WRITE",
    "LDTR_WRITE",
    "TR_WRITE",
    "RDTSC",
    "RDPMC",
    "PUSHF",
    "POPF",
    "CPUID",
    "RSM",
    "IRET",
    "SWINT",
    "INVD",
    "PAUSE",
    "HLT",
    "INVLPG",
    "INVLPGA",
    "IOIO",
    "MSR",
    "TASK_SWITCH",
    "FERR_FREEZE",
    "SHUTDOWN",
    "VMRUN",
    "VMMCALL",
    "VMLOAD",
    "VMSAVE",
    "STGI",
    "CLGI",
    "SKINIT",
    "RDTSCP",
    "ICEBP",
    "WBINVD",
    "MONITOR",
    "MWAIT",
    "MWAIT_ARMED",
    "XSETBV",
    "RDPRU",
    "EFER_WRITE_TRAP"
  };

  private SvmExitCode() {}

  /** The code's name, as the manual writes it behind VMEXIT_. */
  public static String name(int code) {
    if (code >= INTR && code - INTR < FROM_60.length) {
      return FROM_60[code - INTR];
    }
    return switch (code >> 4) {
      case 0 -> "CR" + code + "_READ";
      case 1 -> "CR" + (code & 15) + "_WRITE";
      case 2 -> "DR" + (code & 15) + "_READ";
      case 3 -> "DR" + (code & 15) + "_WRITE";
      case 4, 5 -> "EXCP" + (code & 31);
      case 9 -> "CR" + (code & 15) + "_WRITE_TRAP";
      default ->
          switch (code) {
            case INVPCID -> "INVPCID";
            case NPF -> "NPF";
            case INVALID -> "INVALID";
            default -> "0x" + Integer.toHexString(code);
          };
    };
  }
}
