package dev.ringzero.x86.vmx;

/**
 * Encodings of the fields of a virtual-machine control structure, as VMREAD and VMWRITE name them.
 *
 * @spec Intel SDM Vol. 3D, "Field Encoding in VMCS"
 */
public final class VmcsField {
  // 16-bit control fields.
  public static final int VIRTUAL_PROCESSOR_IDENTIFIER = 0x0000;
  public static final int POSTED_INTERRUPT_NOTIFICATION_VECTOR = 0x0002;
  public static final int EPTP_INDEX = 0x0004;

  // 16-bit guest-state fields.
  public static final int GUEST_ES_SELECTOR = 0x0800;
  public static final int GUEST_CS_SELECTOR = 0x0802;
  public static final int GUEST_SS_SELECTOR = 0x0804;
  public static final int GUEST_DS_SELECTOR = 0x0806;
  public static final int GUEST_FS_SELECTOR = 0x0808;
  public static final int GUEST_GS_SELECTOR = 0x080A;
  public static final int GUEST_LDTR_SELECTOR = 0x080C;
  public static final int GUEST_TR_SELECTOR = 0x080E;
  public static final int GUEST_INTERRUPT_STATUS = 0x0810;
  public static final int PML_INDEX = 0x0812;

  // 16-bit host-state fields.
  public static final int HOST_ES_SELECTOR = 0x0C00;
  public static final int HOST_CS_SELECTOR = 0x0C02;
  public static final int HOST_SS_SELECTOR = 0x0C04;
  public static final int HOST_DS_SELECTOR = 0x0C06;
  public static final int HOST_FS_SELECTOR = 0x0C08;
  public static final int HOST_GS_SELECTOR = 0x0C0A;
  public static final int HOST_TR_SELECTOR = 0x0C0C;

  // 64-bit control fields.
  public static final int IO_BITMAP_A = 0x2000;
  public static final int IO_BITMAP_B = 0x2002;
  public static final int MSR_BITMAPS = 0x2004;
  public static final int EXIT_MSR_STORE_ADDRESS = 0x2006;
  public static final int EXIT_MSR_LOAD_ADDRESS = 0x2008;
  public static final int ENTRY_MSR_LOAD_ADDRESS = 0x200A;
  public static final int EXECUTIVE_VMCS_POINTER = 0x200C;
  public static final int PML_ADDRESS = 0x200E;
  public static final int TSC_OFFSET = 0x2010;
  public static final int VIRTUAL_APIC_ADDRESS = 0x2012;
  public static final int APIC_ACCESS_ADDRESS = 0x2014;
  public static final int POSTED_INTERRUPT_DESCRIPTOR = 0x2016;
  public static final int VM_FUNCTION_CONTROLS = 0x2018;
  public static final int EPT_POINTER = 0x201A;
  public static final int EOI_EXIT_BITMAP_0 = 0x201C;
  public static final int EOI_EXIT_BITMAP_1 = 0x201E;
  public static final int EOI_EXIT_BITMAP_2 = 0x2020;
  public static final int EOI_EXIT_BITMAP_3 = 0x2022;
  public static final int EPTP_LIST_ADDRESS = 0x2024;
  public static final int VMREAD_BITMAP = 0x2026;
  public static final int VMWRITE_BITMAP = 0x2028;
  public static final int VIRTUALIZATION_EXCEPTION_ADDRESS = 0x202A;
  public static final int XSS_EXITING_BITMAP = 0x202C;
  public static final int TSC_MULTIPLIER = 0x2032;

  // 64-bit read-only field.
  public static final int GUEST_PHYSICAL_ADDRESS = 0x2400;

  // 64-bit guest-state fields.
  public static final int VMCS_LINK_POINTER = 0x2800;
  public static final int GUEST_DEBUGCTL = 0x2802;
  public static final int GUEST_PAT = 0x2804;
  public static final int GUEST_EFER = 0x2806;
  public static final int GUEST_PDPTE0 = 0x280A;
  public static final int GUEST_PDPTE1 = 0x280C;
  public static final int GUEST_PDPTE2 = 0x280E;
  public static final int GUEST_PDPTE3 = 0x2810;

  // 64-bit host-state fields.
  public static final int HOST_PAT = 0x2C00;
  public static final int HOST_EFER = 0x2C02;

  // 32-bit control fields.
  public static final int PIN_BASED_CONTROLS = 0x4000;
  public static final int PROCESSOR_CONTROLS = 0x4002;
  public static final int EXCEPTION_BITMAP = 0x4004;
  public static final int PAGE_FAULT_ERROR_CODE_MASK = 0x4006;
  public static final int PAGE_FAULT_ERROR_CODE_MATCH = 0x4008;
  public static final int CR3_TARGET_COUNT = 0x400A;
  public static final int EXIT_CONTROLS = 0x400C;
  public static final int EXIT_MSR_STORE_COUNT = 0x400E;
  public static final int EXIT_MSR_LOAD_COUNT = 0x4010;
  public static final int ENTRY_CONTROLS = 0x4012;
  public static final int ENTRY_MSR_LOAD_COUNT = 0x4014;
  public static final int ENTRY_INTERRUPTION_INFORMATION = 0x4016;
  public static final int ENTRY_EXCEPTION_ERROR_CODE = 0x4018;
  public static final int ENTRY_INSTRUCTION_LENGTH = 0x401A;
  public static final int TPR_THRESHOLD = 0x401C;
  public static final int SECONDARY_CONTROLS = 0x401E;
  public static final int PLE_GAP = 0x4020;
  public static final int PLE_WINDOW = 0x4022;

  // 32-bit read-only fields.
  public static final int INSTRUCTION_ERROR = 0x4400;
  public static final int EXIT_REASON = 0x4402;
  public static final int EXIT_INTERRUPTION_INFORMATION = 0x4404;
  public static final int EXIT_INTERRUPTION_ERROR_CODE = 0x4406;
  public static final int IDT_VECTORING_INFORMATION = 0x4408;
  public static final int IDT_VECTORING_ERROR_CODE = 0x440A;
  public static final int EXIT_INSTRUCTION_LENGTH = 0x440C;
  public static final int EXIT_INSTRUCTION_INFORMATION = 0x440E;

  // 32-bit guest-state fields.
  public static final int GUEST_ES_LIMIT = 0x4800;
  public static final int GUEST_CS_LIMIT = 0x4802;
  public static final int GUEST_SS_LIMIT = 0x4804;
  public static final int GUEST_DS_LIMIT = 0x4806;
  public static final int GUEST_FS_LIMIT = 0x4808;
  public static final int GUEST_GS_LIMIT = 0x480A;
  public static final int GUEST_LDTR_LIMIT = 0x480C;
  public static final int GUEST_TR_LIMIT = 0x480E;
  public static final int GUEST_GDTR_LIMIT = 0x4810;
  public static final int GUEST_IDTR_LIMIT = 0x4812;
  public static final int GUEST_ES_ACCESS_RIGHTS = 0x4814;
  public static final int GUEST_CS_ACCESS_RIGHTS = 0x4816;
  public static final int GUEST_SS_ACCESS_RIGHTS = 0x4818;
  public static final int GUEST_DS_ACCESS_RIGHTS = 0x481A;
  public static final int GUEST_FS_ACCESS_RIGHTS = 0x481C;
  public static final int GUEST_GS_ACCESS_RIGHTS = 0x481E;
  public static final int GUEST_LDTR_ACCESS_RIGHTS = 0x4820;
  public static final int GUEST_TR_ACCESS_RIGHTS = 0x4822;
  public static final int GUEST_INTERRUPTIBILITY = 0x4824;
  public static final int GUEST_ACTIVITY = 0x4826;
  public static final int GUEST_SMBASE = 0x4828;
  public static final int GUEST_SYSENTER_CS = 0x482A;
  public static final int PREEMPTION_TIMER = 0x482E;

  // 32-bit host-state field.
  public static final int HOST_SYSENTER_CS = 0x4C00;

  // Natural-width control fields.
  public static final int CR0_GUEST_HOST_MASK = 0x6000;
  public static final int CR4_GUEST_HOST_MASK = 0x6002;
  public static final int CR0_READ_SHADOW = 0x6004;
  public static final int CR4_READ_SHADOW = 0x6006;
  public static final int CR3_TARGET_0 = 0x6008;
  public static final int CR3_TARGET_1 = 0x600A;
  public static final int CR3_TARGET_2 = 0x600C;
  public static final int CR3_TARGET_3 = 0x600E;

  // Natural-width read-only fields.
  public static final int EXIT_QUALIFICATION = 0x6400;
  public static final int IO_RCX = 0x6402;
  public static final int IO_RSI = 0x6404;
  public static final int IO_RDI = 0x6406;
  public static final int IO_RIP = 0x6408;
  public static final int GUEST_LINEAR_ADDRESS = 0x640A;

  // Natural-width guest-state fields.
  public static final int GUEST_CR0 = 0x6800;
  public static final int GUEST_CR3 = 0x6802;
  public static final int GUEST_CR4 = 0x6804;
  public static final int GUEST_ES_BASE = 0x6806;
  public static final int GUEST_CS_BASE = 0x6808;
  public static final int GUEST_SS_BASE = 0x680A;
  public static final int GUEST_DS_BASE = 0x680C;
  public static final int GUEST_FS_BASE = 0x680E;
  public static final int GUEST_GS_BASE = 0x6810;
  public static final int GUEST_LDTR_BASE = 0x6812;
  public static final int GUEST_TR_BASE = 0x6814;
  public static final int GUEST_GDTR_BASE = 0x6816;
  public static final int GUEST_IDTR_BASE = 0x6818;
  public static final int GUEST_DR7 = 0x681A;
  public static final int GUEST_RSP = 0x681C;
  public static final int GUEST_RIP = 0x681E;
  public static final int GUEST_RFLAGS = 0x6820;
  public static final int GUEST_PENDING_DEBUG_EXCEPTIONS = 0x6822;
  public static final int GUEST_SYSENTER_ESP = 0x6824;
  public static final int GUEST_SYSENTER_EIP = 0x6826;

  // Natural-width host-state fields.
  public static final int HOST_CR0 = 0x6C00;
  public static final int HOST_CR3 = 0x6C02;
  public static final int HOST_CR4 = 0x6C04;
  public static final int HOST_FS_BASE = 0x6C06;
  public static final int HOST_GS_BASE = 0x6C08;
  public static final int HOST_TR_BASE = 0x6C0A;
  public static final int HOST_GDTR_BASE = 0x6C0C;
  public static final int HOST_IDTR_BASE = 0x6C0E;
  public static final int HOST_SYSENTER_ESP = 0x6C10;
  public static final int HOST_SYSENTER_EIP = 0x6C12;
  public static final int HOST_RSP = 0x6C14;
  public static final int HOST_RIP = 0x6C16;

  private static final int[] ALL = {
    VIRTUAL_PROCESSOR_IDENTIFIER,
    POSTED_INTERRUPT_NOTIFICATION_VECTOR,
    EPTP_INDEX,
    GUEST_ES_SELECTOR,
    GUEST_CS_SELECTOR,
    GUEST_SS_SELECTOR,
    GUEST_DS_SELECTOR,
    GUEST_FS_SELECTOR,
    GUEST_GS_SELECTOR,
    GUEST_LDTR_SELECTOR,
    GUEST_TR_SELECTOR,
    GUEST_INTERRUPT_STATUS,
    PML_INDEX,
    HOST_ES_SELECTOR,
    HOST_CS_SELECTOR,
    HOST_SS_SELECTOR,
    HOST_DS_SELECTOR,
    HOST_FS_SELECTOR,
    HOST_GS_SELECTOR,
    HOST_TR_SELECTOR,
    IO_BITMAP_A,
    IO_BITMAP_B,
    MSR_BITMAPS,
    EXIT_MSR_STORE_ADDRESS,
    EXIT_MSR_LOAD_ADDRESS,
    ENTRY_MSR_LOAD_ADDRESS,
    EXECUTIVE_VMCS_POINTER,
    PML_ADDRESS,
    TSC_OFFSET,
    VIRTUAL_APIC_ADDRESS,
    APIC_ACCESS_ADDRESS,
    POSTED_INTERRUPT_DESCRIPTOR,
    VM_FUNCTION_CONTROLS,
    EPT_POINTER,
    EOI_EXIT_BITMAP_0,
    EOI_EXIT_BITMAP_1,
    EOI_EXIT_BITMAP_2,
    EOI_EXIT_BITMAP_3,
    EPTP_LIST_ADDRESS,
    VMREAD_BITMAP,
    VMWRITE_BITMAP,
    VIRTUALIZATION_EXCEPTION_ADDRESS,
    XSS_EXITING_BITMAP,
    TSC_MULTIPLIER,
    GUEST_PHYSICAL_ADDRESS,
    VMCS_LINK_POINTER,
    GUEST_DEBUGCTL,
    GUEST_PAT,
    GUEST_EFER,
    GUEST_PDPTE0,
    GUEST_PDPTE1,
    GUEST_PDPTE2,
    GUEST_PDPTE3,
    HOST_PAT,
    HOST_EFER,
    PIN_BASED_CONTROLS,
    PROCESSOR_CONTROLS,
    EXCEPTION_BITMAP,
    PAGE_FAULT_ERROR_CODE_MASK,
    PAGE_FAULT_ERROR_CODE_MATCH,
    CR3_TARGET_COUNT,
    EXIT_CONTROLS,
    EXIT_MSR_STORE_COUNT,
    EXIT_MSR_LOAD_COUNT,
    ENTRY_CONTROLS,
    ENTRY_MSR_LOAD_COUNT,
    ENTRY_INTERRUPTION_INFORMATION,
    ENTRY_EXCEPTION_ERROR_CODE,
    ENTRY_INSTRUCTION_LENGTH,
    TPR_THRESHOLD,
    SECONDARY_CONTROLS,
    PLE_GAP,
    PLE_WINDOW,
    INSTRUCTION_ERROR,
    EXIT_REASON,
    EXIT_INTERRUPTION_INFORMATION,
    EXIT_INTERRUPTION_ERROR_CODE,
    IDT_VECTORING_INFORMATION,
    IDT_VECTORING_ERROR_CODE,
    EXIT_INSTRUCTION_LENGTH,
    EXIT_INSTRUCTION_INFORMATION,
    GUEST_ES_LIMIT,
    GUEST_CS_LIMIT,
    GUEST_SS_LIMIT,
    GUEST_DS_LIMIT,
    GUEST_FS_LIMIT,
    GUEST_GS_LIMIT,
    GUEST_LDTR_LIMIT,
    GUEST_TR_LIMIT,
    GUEST_GDTR_LIMIT,
    GUEST_IDTR_LIMIT,
    GUEST_ES_ACCESS_RIGHTS,
    GUEST_CS_ACCESS_RIGHTS,
    GUEST_SS_ACCESS_RIGHTS,
    GUEST_DS_ACCESS_RIGHTS,
    GUEST_FS_ACCESS_RIGHTS,
    GUEST_GS_ACCESS_RIGHTS,
    GUEST_LDTR_ACCESS_RIGHTS,
    GUEST_TR_ACCESS_RIGHTS,
    GUEST_INTERRUPTIBILITY,
    GUEST_ACTIVITY,
    GUEST_SMBASE,
    GUEST_SYSENTER_CS,
    PREEMPTION_TIMER,
    HOST_SYSENTER_CS,
    CR0_GUEST_HOST_MASK,
    CR4_GUEST_HOST_MASK,
    CR0_READ_SHADOW,
    CR4_READ_SHADOW,
    CR3_TARGET_0,
    CR3_TARGET_1,
    CR3_TARGET_2,
    CR3_TARGET_3,
    EXIT_QUALIFICATION,
    IO_RCX,
    IO_RSI,
    IO_RDI,
    IO_RIP,
    GUEST_LINEAR_ADDRESS,
    GUEST_CR0,
    GUEST_CR3,
    GUEST_CR4,
    GUEST_ES_BASE,
    GUEST_CS_BASE,
    GUEST_SS_BASE,
    GUEST_DS_BASE,
    GUEST_FS_BASE,
    GUEST_GS_BASE,
    GUEST_LDTR_BASE,
    GUEST_TR_BASE,
    GUEST_GDTR_BASE,
    GUEST_IDTR_BASE,
    GUEST_DR7,
    GUEST_RSP,
    GUEST_RIP,
    GUEST_RFLAGS,
    GUEST_PENDING_DEBUG_EXCEPTIONS,
    GUEST_SYSENTER_ESP,
    GUEST_SYSENTER_EIP,
    HOST_CR0,
    HOST_CR3,
    HOST_CR4,
    HOST_FS_BASE,
    HOST_GS_BASE,
    HOST_TR_BASE,
    HOST_GDTR_BASE,
    HOST_IDTR_BASE,
    HOST_SYSENTER_ESP,
    HOST_SYSENTER_EIP,
    HOST_RSP,
    HOST_RIP
  };

  private VmcsField() {}

  /** All fields there are. */
  public static int[] all() {
    return ALL.clone();
  }

  /** Of a segment's fields, which lie two apart: that of the register, ES being 0. */
  public static int ofSegment(int fieldOfEs, int register) {
    return fieldOfEs + 2 * register;
  }

  /** Width of a field in bytes; 0 where it is as wide as an address. */
  public static int widthBytes(int encoding) {
    return switch (encoding >>> 13 & 3) {
      case 0 -> 2;
      case 1 -> 8;
      case 2 -> 4;
      default -> 0;
    };
  }

  /** Whether software may not write the field: it tells of an exit. */
  public static boolean readOnly(int encoding) {
    return (encoding >>> 10 & 3) == 1;
  }
}
