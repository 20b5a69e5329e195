package dev.ringzero.x86;

/**
 * The virtual machine control block: offsets of its fields in bytes, and their bits.
 *
 * @spec AMD64 APM Vol. 2, "VMCB Layout"
 */
public final class Vmcb {
  // Control area.
  public static final int INTERCEPT_CR = 0x000; // reads in bits 15:0, writes in bits 31:16
  public static final int INTERCEPT_DR = 0x004; // reads in bits 15:0, writes in bits 31:16
  public static final int INTERCEPT_EXCEPTIONS = 0x008; // by vector
  public static final int INTERCEPT_1 = 0x00C; // exit codes 60H to 7FH
  public static final int INTERCEPT_2 = 0x010; // exit codes 80H to 9FH
  public static final int INTERCEPT_3 = 0x014; // exit codes A0H to BFH
  public static final int PAUSE_FILTER_THRESHOLD = 0x03C; // 16 bits
  public static final int PAUSE_FILTER_COUNT = 0x03E; // 16 bits
  public static final int IOPM_BASE_PA = 0x040;
  public static final int MSRPM_BASE_PA = 0x048;
  public static final int TSC_OFFSET = 0x050;
  public static final int GUEST_ASID = 0x058; // 32 bits
  public static final int TLB_CONTROL = 0x05C; // 8 bits
  public static final int VIRTUAL_INTERRUPT = 0x060; // V_TPR, V_IRQ, V_INTR_...
  public static final int INTERRUPT_SHADOW = 0x068;
  public static final int EXITCODE = 0x070;
  public static final int EXITINFO1 = 0x078;
  public static final int EXITINFO2 = 0x080;
  public static final int EXITINTINFO = 0x088;
  public static final int NESTED_CONTROL = 0x090; // NP_ENABLE
  public static final int EVENTINJ = 0x0A8;
  public static final int N_CR3 = 0x0B0;
  public static final int VIRTUALIZED = 0x0B8; // LBR, VMLOAD and VMSAVE
  public static final int CLEAN = 0x0C0;
  public static final int NRIP = 0x0C8;
  public static final int FETCHED_BYTES = 0x0D0; // number in 8 bits, then 15 bytes

  // State save area.
  public static final int ES = 0x400;
  public static final int CS = 0x410;
  public static final int SS = 0x420;
  public static final int DS = 0x430;
  public static final int FS = 0x440;
  public static final int GS = 0x450;
  public static final int GDTR = 0x460;
  public static final int LDTR = 0x470;
  public static final int IDTR = 0x480;
  public static final int TR = 0x490;
  public static final int CPL = 0x4CB; // 8 bits
  public static final int EFER = 0x4D0;
  public static final int CR4 = 0x548;
  public static final int CR3 = 0x550;
  public static final int CR0 = 0x558;
  public static final int DR7 = 0x560;
  public static final int DR6 = 0x568;
  public static final int RFLAGS = 0x570;
  public static final int RIP = 0x578;
  public static final int RSP = 0x5D8;
  public static final int RAX = 0x5F8;
  public static final int STAR = 0x600;
  public static final int LSTAR = 0x608;
  public static final int CSTAR = 0x610;
  public static final int SFMASK = 0x618;
  public static final int KERNEL_GS_BASE = 0x620;
  public static final int SYSENTER_CS = 0x628;
  public static final int SYSENTER_ESP = 0x630;
  public static final int SYSENTER_EIP = 0x638;
  public static final int CR2 = 0x640;
  public static final int G_PAT = 0x668;
  public static final int DBGCTL = 0x670;
  public static final int BR_FROM = 0x678; // then BR_TO, LASTEXCPFROM, LASTEXCPTO

  // A segment: offsets in its 16 bytes.
  public static final int SELECTOR = 0;
  public static final int ATTRIBUTES = 2;
  public static final int LIMIT = 4;
  public static final int BASE = 8;

  // VIRTUAL_INTERRUPT.
  public static final long V_TPR = 0xFF; // virtual task priority
  public static final long V_IRQ = 1L << 8; // a virtual interrupt is pending
  public static final long V_GIF = 1L << 9; // virtual global interrupt flag
  public static final int V_INTR_PRIO_SHIFT = 16; // four bits
  public static final long V_IGN_TPR = 1L << 20; // V_TPR does not matter
  public static final long V_INTR_MASKING = 1L << 24; // the guest's IF and TPR are its own
  public static final long V_GIF_ENABLE = 1L << 25; // STGI and CLGI work on V_GIF
  public static final int V_INTR_VECTOR_SHIFT = 32; // eight bits

  public static final long NP_ENABLE = 1L << 0; // nested paging
  public static final long VIRTUAL_BRANCHES = 1L << 0; // in VIRTUALIZED: the guest has its own
  public static final long VIRTUAL_VMLOAD_VMSAVE = 1L << 1; // in VIRTUALIZED

  // TLB_CONTROL.
  public static final int FLUSH_NOTHING = 0;
  public static final int FLUSH_ALL = 1;
  public static final int FLUSH_GUEST = 3;
  public static final int FLUSH_GUEST_NOT_GLOBAL = 7;

  // EVENTINJ and EXITINTINFO.
  public static final long EVENT_VALID = 1L << 31;
  public static final long EVENT_ERROR_CODE = 1L << 11; // bits 63:32 hold one
  public static final int EVENT_TYPE_SHIFT = 8;
  public static final int EVENT_INTERRUPT = 0;
  public static final int EVENT_NMI = 2;
  public static final int EVENT_EXCEPTION = 3;
  public static final int EVENT_SOFTWARE = 4;

  // EXITINFO1 of a nested page fault.
  public static final long NPF_FINAL = 1L << 32; // the translation of the access itself
  public static final long NPF_TABLE = 1L << 33; // of an entry of the guest's tables

  private Vmcb() {}
}
