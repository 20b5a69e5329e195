package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.vmx.EntryControls;
import dev.ringzero.x86.vmx.ExitControls;
import dev.ringzero.x86.vmx.PinBasedControls;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.SecondaryControls;

/**
 * What our VT-x can do, as the VMX capability MSRs tell it: what is promised here works.
 *
 * <p>Not modelled: SMM and the dual-monitor treatment, IA32_PERF_GLOBAL_CTRL, MPX, PT, SGX,
 * sub-page write permissions, mode-based execute control, tertiary controls.
 *
 * @spec Intel SDM Vol. 3D, "VMX Capability Reporting Facility"
 */
final class VmxCapabilities {
  static final int IA32_VMX_BASIC = 0x480;
  static final int IA32_VMX_PINBASED_CTLS = 0x481;
  static final int IA32_VMX_PROCBASED_CTLS = 0x482;
  static final int IA32_VMX_EXIT_CTLS = 0x483;
  static final int IA32_VMX_ENTRY_CTLS = 0x484;
  static final int IA32_VMX_MISC = 0x485;
  static final int IA32_VMX_CR0_FIXED0 = 0x486;
  static final int IA32_VMX_CR0_FIXED1 = 0x487;
  static final int IA32_VMX_CR4_FIXED0 = 0x488;
  static final int IA32_VMX_CR4_FIXED1 = 0x489;
  static final int IA32_VMX_VMCS_ENUM = 0x48A;
  static final int IA32_VMX_PROCBASED_CTLS2 = 0x48B;
  static final int IA32_VMX_EPT_VPID_CAP = 0x48C;
  static final int IA32_VMX_TRUE_PINBASED_CTLS = 0x48D;
  static final int IA32_VMX_TRUE_PROCBASED_CTLS = 0x48E;
  static final int IA32_VMX_TRUE_EXIT_CTLS = 0x48F;
  static final int IA32_VMX_TRUE_ENTRY_CTLS = 0x490;
  static final int IA32_VMX_VMFUNC = 0x491;

  /** The preemption timer counts down once in so many (log2) ticks of the time-stamp counter. */
  static final int PREEMPTION_TIMER_SHIFT = 5;

  static final int CR3_TARGETS = 4;
  static final int MOST_MSRS = 512; // in a load or store area

  private static final int PIN_ONES = 0x16;
  private static final int PROCESSOR_ONES = 0x0401_E172;
  private static final int TRUE_PROCESSOR_ONES = 0x0400_6172; // CR3 exits may be off
  private static final int EXIT_ONES = 0x0003_6DFF;
  private static final int TRUE_EXIT_ONES = 0x0003_6DFB; // debug controls need not be saved
  private static final int ENTRY_ONES = 0x11FF;
  private static final int TRUE_ENTRY_ONES = 0x11FB; // debug controls need not be loaded

  private static final int PIN_BASED =
      PinBasedControls.EXTERNAL_INTERRUPT_EXITING
          | PinBasedControls.NMI_EXITING
          | PinBasedControls.VIRTUAL_NMIS
          | PinBasedControls.PREEMPTION_TIMER
          | PinBasedControls.POSTED_INTERRUPTS;

  private static final int PROCESSOR =
      ProcessorControls.INTERRUPT_WINDOW_EXITING
          | ProcessorControls.TSC_OFFSETTING
          | ProcessorControls.HLT_EXITING
          | ProcessorControls.INVLPG_EXITING
          | ProcessorControls.MWAIT_EXITING
          | ProcessorControls.RDPMC_EXITING
          | ProcessorControls.RDTSC_EXITING
          | ProcessorControls.CR8_LOAD_EXITING
          | ProcessorControls.CR8_STORE_EXITING
          | ProcessorControls.TPR_SHADOW
          | ProcessorControls.NMI_WINDOW_EXITING
          | ProcessorControls.MOV_DR_EXITING
          | ProcessorControls.UNCONDITIONAL_IO_EXITING
          | ProcessorControls.IO_BITMAPS
          | ProcessorControls.MONITOR_TRAP_FLAG
          | ProcessorControls.MSR_BITMAPS
          | ProcessorControls.MONITOR_EXITING
          | ProcessorControls.PAUSE_EXITING
          | ProcessorControls.SECONDARY_CONTROLS;

  private static final int SECONDARY =
      SecondaryControls.VIRTUALIZE_APIC_ACCESSES
          | SecondaryControls.EPT
          | SecondaryControls.DESCRIPTOR_TABLE_EXITING
          | SecondaryControls.RDTSCP
          | SecondaryControls.VIRTUALIZE_X2APIC
          | SecondaryControls.APIC_REGISTER_VIRTUALIZATION
          | SecondaryControls.VIRTUAL_INTERRUPT_DELIVERY
          | SecondaryControls.VPID
          | SecondaryControls.WBINVD_EXITING
          | SecondaryControls.PAUSE_LOOP_EXITING
          | SecondaryControls.UNRESTRICTED_GUEST
          | SecondaryControls.RDRAND_EXITING
          | SecondaryControls.INVPCID
          | SecondaryControls.VM_FUNCTIONS
          | SecondaryControls.VMCS_SHADOWING
          | SecondaryControls.RDSEED_EXITING
          | SecondaryControls.PML
          | SecondaryControls.EPT_VIOLATION_VE
          | SecondaryControls.XSAVES
          | SecondaryControls.TSC_SCALING;

  private static final int EXIT =
      ExitControls.HOST_ADDRESS_SPACE_SIZE
          | ExitControls.ACKNOWLEDGE_INTERRUPT
          | ExitControls.SAVE_PAT
          | ExitControls.LOAD_PAT
          | ExitControls.SAVE_EFER
          | ExitControls.LOAD_EFER
          | ExitControls.SAVE_PREEMPTION_TIMER;

  private static final int ENTRY =
      EntryControls.IA32E_MODE_GUEST | EntryControls.LOAD_PAT | EntryControls.LOAD_EFER;

  /** VM functions: EPTP switching. */
  static final long VM_FUNCTIONS = VmFunctions.EPTP_SWITCHING;

  private static final long BASIC =
      Vmcs.REVISION
          | (long) Vmcs.REGION_BYTES << 32
          | 6L << 50 // write-back
          | 1L << 54 // INS and OUTS leave information on the instruction
          | 1L << 55; // the TRUE registers exist

  private static final long MISC =
      PREEMPTION_TIMER_SHIFT
          | 1 << 5 // a VM exit stores EFER.LMA into "IA-32e mode guest"
          | 7 << 6 // activity states HLT, shutdown, wait-for-SIPI
          | CR3_TARGETS << 16
          | 1 << 29 // VMWRITE to any field
          | 1 << 30; // injection with an instruction length of zero

  private static final long EPT_VPID =
      1L << 0 // execute-only pages
          | 1L << 6 // four levels
          | 1L << 8 // uncached tables
          | 1L << 14 // write-back tables
          | 1L << 16 // 2 MiB pages
          | 1L << 17 // 1 GiB pages
          | 1L << 20 // INVEPT
          | 1L << 21 // accessed and dirty flags
          | 1L << 25 // INVEPT of one context
          | 1L << 26 // INVEPT of all contexts
          | 1L << 32 // INVVPID
          | 1L << 40 // INVVPID of one address
          | 1L << 41 // INVVPID of one context
          | 1L << 42 // INVVPID of all contexts
          | 1L << 43; // INVVPID of one context but global pages

  /** Bits of CR0 that are one in VMX operation. */
  static final long CR0_FIXED_ONES = Cr0.PE | Cr0.NE | Cr0.PG;

  private static final long CR0_MAY_BE_ONE = 0xFFFF_FFFFL;

  private VmxCapabilities() {}

  /** Whether this is a capability MSR. */
  static boolean isCapability(int index) {
    return index >= IA32_VMX_BASIC && index <= IA32_VMX_VMFUNC;
  }

  /** The value of a capability MSR. */
  static long read(Cpu cpu, int index) {
    return switch (index) {
      case IA32_VMX_BASIC -> BASIC;
      case IA32_VMX_PINBASED_CTLS, IA32_VMX_TRUE_PINBASED_CTLS -> allowed(PIN_ONES, PIN_BASED);
      case IA32_VMX_PROCBASED_CTLS -> allowed(PROCESSOR_ONES, PROCESSOR);
      case IA32_VMX_TRUE_PROCBASED_CTLS -> allowed(TRUE_PROCESSOR_ONES, PROCESSOR | PROCESSOR_ONES);
      case IA32_VMX_EXIT_CTLS -> allowed(EXIT_ONES, EXIT);
      case IA32_VMX_TRUE_EXIT_CTLS -> allowed(TRUE_EXIT_ONES, EXIT | EXIT_ONES);
      case IA32_VMX_ENTRY_CTLS -> allowed(ENTRY_ONES, ENTRY);
      case IA32_VMX_TRUE_ENTRY_CTLS -> allowed(TRUE_ENTRY_ONES, ENTRY | ENTRY_ONES);
      case IA32_VMX_MISC -> MISC;
      case IA32_VMX_CR0_FIXED0 -> CR0_FIXED_ONES;
      case IA32_VMX_CR0_FIXED1 -> CR0_MAY_BE_ONE;
      case IA32_VMX_CR4_FIXED0 -> Cr4.VMXE;
      case IA32_VMX_CR4_FIXED1 -> cpu.system.cr4Allowed;
      case IA32_VMX_VMCS_ENUM -> Vmcs.MAX_INDEX << 1;
      case IA32_VMX_PROCBASED_CTLS2 -> allowed(0, SECONDARY);
      case IA32_VMX_EPT_VPID_CAP -> EPT_VPID;
      default -> VM_FUNCTIONS;
    };
  }

  private static long allowed(int ones, int mayBeOne) {
    return ones & 0xFFFF_FFFFL | (long) (ones | mayBeOne) << 32;
  }

  static boolean pinBasedAllowed(int controls) {
    return allowed(controls, PIN_ONES, PIN_BASED);
  }

  static boolean processorAllowed(int controls) {
    return allowed(controls, TRUE_PROCESSOR_ONES, PROCESSOR | PROCESSOR_ONES);
  }

  static boolean secondaryAllowed(int controls) {
    return allowed(controls, 0, SECONDARY);
  }

  static boolean exitAllowed(int controls) {
    return allowed(controls, TRUE_EXIT_ONES, EXIT | EXIT_ONES);
  }

  static boolean entryAllowed(int controls) {
    return allowed(controls, TRUE_ENTRY_ONES, ENTRY | ENTRY_ONES);
  }

  private static boolean allowed(int controls, int ones, int mayBeOne) {
    return (ones & ~controls) == 0 && (controls & ~(ones | mayBeOne)) == 0;
  }

  /** Whether VMX operation allows this value of CR0. */
  static boolean cr0Allowed(long value) {
    return (value & CR0_FIXED_ONES) == CR0_FIXED_ONES && (value & ~CR0_MAY_BE_ONE) == 0;
  }

  /** Whether VMX operation allows this value of CR4. */
  static boolean cr4Allowed(Cpu cpu, long value) {
    return (value & Cr4.VMXE) != 0 && (value & ~cpu.system.cr4Allowed) == 0;
  }
}
