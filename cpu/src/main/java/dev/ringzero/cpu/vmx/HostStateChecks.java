package dev.ringzero.cpu.vmx;

import static dev.ringzero.cpu.system.Segmentation.canonical;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.vmx.EntryControls;
import dev.ringzero.x86.vmx.ExitControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * Whether the host-state area of a VMCS allows a VM entry.
 *
 * @spec Intel SDM Vol. 3C, "Checks on Host Control Registers, MSRs, and SSP"; "Checks on Host
 *     Segment and Descriptor-Table Registers"; "Checks Related to Address-Space Size"
 */
final class HostStateChecks {
  private static final int REQUESTED_OR_LOCAL = 7; // RPL and TI of a selector

  private static final int[] SELECTORS = {
    VmcsField.HOST_ES_SELECTOR,
    VmcsField.HOST_CS_SELECTOR,
    VmcsField.HOST_SS_SELECTOR,
    VmcsField.HOST_DS_SELECTOR,
    VmcsField.HOST_FS_SELECTOR,
    VmcsField.HOST_GS_SELECTOR,
    VmcsField.HOST_TR_SELECTOR
  };

  private static final int[] ADDRESSES = {
    VmcsField.HOST_SYSENTER_ESP,
    VmcsField.HOST_SYSENTER_EIP,
    VmcsField.HOST_FS_BASE,
    VmcsField.HOST_GS_BASE,
    VmcsField.HOST_TR_BASE,
    VmcsField.HOST_GDTR_BASE,
    VmcsField.HOST_IDTR_BASE
  };

  private final Cpu cpu;
  private final Vmcs vmcs;

  HostStateChecks(Cpu cpu, Vmcs vmcs) {
    this.cpu = cpu;
    this.vmcs = vmcs;
  }

  boolean pass() {
    int exit = vmcs.get32(VmcsField.EXIT_CONTROLS);
    boolean host64 = (exit & ExitControls.HOST_ADDRESS_SPACE_SIZE) != 0;
    return controlRegisters()
        && modelSpecific(exit, host64)
        && addresses()
        && selectors(host64)
        && addressSpace(host64);
  }

  private boolean controlRegisters() {
    return VmxCapabilities.cr0Allowed(vmcs.get(VmcsField.HOST_CR0))
        && VmxCapabilities.cr4Allowed(cpu, vmcs.get(VmcsField.HOST_CR4))
        && vmcs.get(VmcsField.HOST_CR3) >>> AddressWidth.PHYSICAL_BITS == 0;
  }

  private boolean modelSpecific(int exit, boolean host64) {
    if ((exit & ExitControls.LOAD_PAT) != 0 && !GuestMsrs.validPat(vmcs.get(VmcsField.HOST_PAT))) {
      return false;
    }
    if ((exit & ExitControls.LOAD_EFER) == 0) {
      return true;
    }
    long efer = vmcs.get(VmcsField.HOST_EFER);
    boolean active = (efer & Efer.LMA) != 0;
    boolean enabled = (efer & Efer.LME) != 0;
    return (efer & ~(cpu.system.eferAllowed | Efer.LMA)) == 0
        && active == host64
        && enabled == host64;
  }

  private boolean addresses() {
    for (int field : ADDRESSES) {
      if (!canonical(vmcs.get(field))) {
        return false;
      }
    }
    return true;
  }

  private boolean selectors(boolean host64) {
    for (int field : SELECTORS) {
      if ((vmcs.get(field) & REQUESTED_OR_LOCAL) != 0) {
        return false;
      }
    }
    return vmcs.get(VmcsField.HOST_CS_SELECTOR) != 0
        && vmcs.get(VmcsField.HOST_TR_SELECTOR) != 0
        && (host64 || vmcs.get(VmcsField.HOST_SS_SELECTOR) != 0);
  }

  private boolean addressSpace(boolean host64) {
    boolean now64 = (cpu.efer & Efer.LMA) != 0;
    int entry = vmcs.get32(VmcsField.ENTRY_CONTROLS);
    boolean guest64 = (entry & EntryControls.IA32E_MODE_GUEST) != 0;
    long cr4 = vmcs.get(VmcsField.HOST_CR4);
    long rip = vmcs.get(VmcsField.HOST_RIP);
    if (now64 != host64) {
      return false;
    }
    return host64
        ? (cr4 & Cr4.PAE) != 0 && canonical(rip)
        : !guest64 && (cr4 & Cr4.PCIDE) == 0 && rip >>> 32 == 0;
  }
}
