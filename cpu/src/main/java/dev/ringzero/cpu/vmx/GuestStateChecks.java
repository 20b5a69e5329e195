package dev.ringzero.cpu.vmx;

import static dev.ringzero.cpu.system.Segmentation.canonical;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.vmx.EntryControls;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * Whether the guest-state area of a VMCS can be loaded.
 *
 * @spec Intel SDM Vol. 3C, "Checking and Loading Guest State"
 */
final class GuestStateChecks {
  /** Not an exit qualification: the state is fine. */
  static final int PASS = -1;

  /** Exit qualifications of an entry that fails. */
  static final int GENERAL = 0;

  static final int PDPTE = 2;
  static final int NMI_INJECTION = 3;
  static final int LINK_POINTER = 4;

  private static final long RESERVED_PDPTE =
      0x1E6 | 0xFFF0_0000_0000_0000L | 0x000F_FFFF_FFFF_FFFFL & -(1L << AddressWidth.PHYSICAL_BITS);
  private static final long RESERVED_RFLAGS = ~0x3F_7FD7L;
  private static final long DEBUGCTL_BITS = 3; // LBR, BTF

  private final Cpu cpu;
  private final Vmx vmx;
  private final Vmcs vmcs;
  private final SegmentChecks segments;
  private final NonRegisterChecks nonRegister;
  private int entry;
  private boolean guest64;
  private boolean unrestricted;

  GuestStateChecks(Cpu cpu, Vmx vmx) {
    this.cpu = cpu;
    this.vmx = vmx;
    this.vmcs = vmx.vmcs;
    this.segments = new SegmentChecks(vmcs);
    this.nonRegister = new NonRegisterChecks(vmx);
  }

  /** {@link #PASS}, or the qualification of the exit that reports what is wrong. */
  int check() {
    entry = vmcs.get32(VmcsField.ENTRY_CONTROLS);
    guest64 = (entry & EntryControls.IA32E_MODE_GUEST) != 0;
    unrestricted = secondary(SecondaryControls.UNRESTRICTED_GUEST);
    boolean registers =
        controlRegisters()
            && modelSpecific()
            && segments.pass(guest64, unrestricted)
            && descriptorTables()
            && instructionPointer();
    if (!registers) {
      return GENERAL;
    }
    int outcome = nonRegister.check();
    if (outcome != PASS) {
      return outcome;
    }
    return pdptes() ? PASS : PDPTE;
  }

  private boolean secondary(int bit) {
    return (vmcs.get32(VmcsField.PROCESSOR_CONTROLS) & ProcessorControls.SECONDARY_CONTROLS) != 0
        && (vmcs.get32(VmcsField.SECONDARY_CONTROLS) & bit) != 0;
  }

  private boolean loads(int bit) {
    return (entry & bit) != 0;
  }

  private boolean controlRegisters() {
    long cr0 = vmcs.get(VmcsField.GUEST_CR0);
    long cr4 = vmcs.get(VmcsField.GUEST_CR4);
    boolean paging = (cr0 & Cr0.PG) != 0;
    if (!vmx.guestCr0Allowed(cr0, unrestricted) || !VmxCapabilities.cr4Allowed(cpu, cr4)) {
      return false;
    }
    return (!paging || (cr0 & Cr0.PE) != 0)
        && (guest64 ? paging && (cr4 & Cr4.PAE) != 0 : (cr4 & Cr4.PCIDE) == 0)
        && vmcs.get(VmcsField.GUEST_CR3) >>> AddressWidth.PHYSICAL_BITS == 0;
  }

  private boolean modelSpecific() {
    return (!loads(EntryControls.LOAD_DEBUG_CONTROLS)
            || (vmcs.get(VmcsField.GUEST_DEBUGCTL) & ~DEBUGCTL_BITS) == 0
                && vmcs.get(VmcsField.GUEST_DR7) >>> 32 == 0)
        && canonical(vmcs.get(VmcsField.GUEST_SYSENTER_ESP))
        && canonical(vmcs.get(VmcsField.GUEST_SYSENTER_EIP))
        && (!loads(EntryControls.LOAD_PAT) || GuestMsrs.validPat(vmcs.get(VmcsField.GUEST_PAT)))
        && (!loads(EntryControls.LOAD_EFER) || efer());
  }

  private boolean efer() {
    long efer = vmcs.get(VmcsField.GUEST_EFER);
    boolean active = (efer & Efer.LMA) != 0;
    boolean enabled = (efer & Efer.LME) != 0;
    boolean paging = (vmcs.get(VmcsField.GUEST_CR0) & Cr0.PG) != 0;
    return (efer & ~(cpu.system.eferAllowed | Efer.LMA)) == 0
        && active == guest64
        && (!paging || active == enabled);
  }

  private boolean descriptorTables() {
    return canonical(vmcs.get(VmcsField.GUEST_GDTR_BASE))
        && canonical(vmcs.get(VmcsField.GUEST_IDTR_BASE))
        && vmcs.get(VmcsField.GUEST_GDTR_LIMIT) >>> 16 == 0
        && vmcs.get(VmcsField.GUEST_IDTR_LIMIT) >>> 16 == 0;
  }

  private boolean instructionPointer() {
    long rip = vmcs.get(VmcsField.GUEST_RIP);
    long flags = vmcs.get(VmcsField.GUEST_RFLAGS);
    boolean code64 = guest64 && segments.codeIs64();
    boolean protection = (vmcs.get(VmcsField.GUEST_CR0) & Cr0.PE) != 0;
    return (code64 ? canonical(rip) : rip >>> 32 == 0)
        && (flags & RESERVED_RFLAGS) == 0
        && (flags & Rflags.FIXED) != 0
        && ((flags & Rflags.VM) == 0 || !guest64 && protection)
        && ((flags & Rflags.IF) != 0 || !nonRegister.injectsInterrupt());
  }

  /** Under PAE paging: from the VMCS with EPT, else from where CR3 points. */
  private boolean pdptes() {
    boolean paging = (vmcs.get(VmcsField.GUEST_CR0) & Cr0.PG) != 0;
    boolean pae = paging && (vmcs.get(VmcsField.GUEST_CR4) & Cr4.PAE) != 0 && !guest64;
    if (!pae) {
      return true;
    }
    boolean ept = secondary(SecondaryControls.EPT);
    long table = vmcs.get(VmcsField.GUEST_CR3) & 0xFFFF_FFE0L;
    for (int i = 0; i < 4; i++) {
      long entry =
          ept ? vmcs.get(VmcsField.GUEST_PDPTE0 + 2 * i) : vmx.memory().read64(table + 8L * i);
      if ((entry & 1) != 0 && (entry & RESERVED_PDPTE) != 0) {
        return false;
      }
    }
    return true;
  }
}
