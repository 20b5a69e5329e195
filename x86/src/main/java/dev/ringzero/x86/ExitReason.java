package dev.ringzero.x86;

/**
 * Basic exit reasons of a VM exit. Numbers below {@link #OWN} are the SDM's; those from {@link
 * #OWN} on are RingZero's own, for events that hardware does not report but direct paging needs.
 *
 * @spec Intel SDM Vol. 3D, "VMX Basic Exit Reasons"
 */
public enum ExitReason {
  EXCEPTION_OR_NMI(0),
  EXTERNAL_INTERRUPT(1),
  TRIPLE_FAULT(2),
  INIT_SIGNAL(3),
  STARTUP_IPI(4),
  INTERRUPT_WINDOW(7),
  NMI_WINDOW(8),
  TASK_SWITCH(9),
  CPUID(10),
  HLT(12),
  INVD(13),
  INVLPG(14),
  RDPMC(15),
  RDTSC(16),
  RSM(17),
  VMCALL(18),
  VMCLEAR(19),
  VMLAUNCH(20),
  VMPTRLD(21),
  VMPTRST(22),
  VMREAD(23),
  VMRESUME(24),
  VMWRITE(25),
  VMXOFF(26),
  VMXON(27),
  CR_ACCESS(28),
  DR_ACCESS(29),
  IO_INSTRUCTION(30),
  RDMSR(31),
  WRMSR(32),
  ENTRY_FAILURE_GUEST_STATE(33),
  ENTRY_FAILURE_MSR_LOADING(34),
  MWAIT(36),
  MONITOR_TRAP_FLAG(37),
  MONITOR(39),
  PAUSE(40),
  TPR_BELOW_THRESHOLD(43),
  APIC_ACCESS(44),
  VIRTUALIZED_EOI(45),
  GDTR_OR_IDTR_ACCESS(46),
  LDTR_OR_TR_ACCESS(47),
  EPT_VIOLATION(48),
  EPT_MISCONFIGURATION(49),
  INVEPT(50),
  RDTSCP(51),
  PREEMPTION_TIMER(52),
  INVVPID(53),
  WBINVD(54),
  XSETBV(55),
  APIC_WRITE(56),
  RDRAND(57),
  INVPCID(58),
  VMFUNC(59),
  RDSEED(61),
  PML_FULL(62),
  XSAVES(63),
  XRSTORS(64),
  /** SYSCALL at CPL 3, where the execution controls ask for it. */
  SYSCALL(0x10000),
  /** SYSENTER at CPL 3, where the execution controls ask for it. */
  SYSENTER(0x10001),
  /** INT n at CPL 3, where the execution controls ask for it. */
  SOFTWARE_INTERRUPT(0x10002),
  /** A memory access that the IoBus completed inside run(); counted, never returned. */
  MMIO(0x10003),
  /** Another thread asked the vCPU to stop. */
  STOP_REQUESTED(0x10004),
  /** A breakpoint or single step that the monitor asked for. */
  MONITOR_DEBUG(0x10005);

  /** First number of RingZero's own reasons. */
  public static final int OWN = 0x10000;

  private final int number;

  ExitReason(int number) {
    this.number = number;
  }

  /** The SDM's number, or one from {@link #OWN} on. */
  public int number() {
    return number;
  }
}
