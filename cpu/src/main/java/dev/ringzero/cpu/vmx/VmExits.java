package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.InterruptionInformation;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * VM exits: from the guest back to its monitor.
 *
 * @spec Intel SDM Vol. 3C, "VM Exits"; "VM-Entry Failures During or After Loading Guest State"
 */
final class VmExits {
  private static final int ENTRY_FAILURE = 1 << 31; // in the exit reason
  private static final int ABORT_STORING_MSRS = 1;
  private static final int ABORT_LOADING_MSRS = 4;
  private static final int ABORT_INDICATOR = 4; // offset in the VMCS region

  private VmExits() {}

  /** Leaves the guest for what {@link VmxLevel#exits} tells. */
  static void leave(Cpu cpu, VmxLevel level) {
    long timeStamp = cpu.clock.tsc() + cpu.system.tscOffset;
    Vmx vmx = level.vmx;
    Vmcs vmcs = vmx.vmcs;
    boolean unrestricted = level.secondary(SecondaryControls.UNRESTRICTED_GUEST);
    level.counters.left(level.exits.reason.number(), cpu.clock.nanoTime());
    level.apicAccess.complete();
    level.exits.write(vmcs);
    level.guest.save(level.secondary(SecondaryControls.EPT), unrestricted);
    if (level.exits.fault) {
      vmcs.set(VmcsField.GUEST_RFLAGS, vmcs.get(VmcsField.GUEST_RFLAGS) | Rflags.RF);
    }
    vmcs.set32(VmcsField.GUEST_ACTIVITY, level.events.activity);
    level.events.end();
    level.endTime();
    boolean stored =
        GuestMsrs.store(
            cpu,
            vmx.memory(),
            vmcs.get(VmcsField.EXIT_MSR_STORE_ADDRESS),
            vmcs.get(VmcsField.EXIT_MSR_STORE_COUNT),
            timeStamp);
    if (!stored) {
      throw abort(cpu, vmx, ABORT_STORING_MSRS);
    }
    cpu.system.nmiBlocked = byNmi(level.exits);
    loadHost(cpu, level);
  }

  private static boolean byNmi(ExitRecord exits) {
    int nmi = InterruptionInformation.NMI << InterruptionInformation.TYPE_SHIFT | Vector.NMI;
    return exits.reason == ExitReason.EXCEPTION_OR_NMI
        && (exits.interruptionInformation & 0x7FF) == nmi;
  }

  /** A VM entry fails while or after the guest's state is loaded. */
  static void failEntry(Cpu cpu, VmxLevel level, ExitReason reason, long qualification) {
    Vmcs vmcs = level.vmx.vmcs;
    vmcs.set32(VmcsField.EXIT_REASON, reason.number() | ENTRY_FAILURE);
    vmcs.set(VmcsField.EXIT_QUALIFICATION, qualification);
    loadHost(cpu, level);
  }

  private static void loadHost(Cpu cpu, VmxLevel level) {
    Vmx vmx = level.vmx;
    level.hostState.load();
    if (cpu.level != null) {
      cpu.level = null;
      cpu.mmu.leaveSpace();
    } else {
      cpu.mmu.modeChanged();
      cpu.mmu.rootChanged(true);
    }
    boolean pae = (cpu.cr0 & Cr0.PG) != 0 && (cpu.cr4 & Cr4.PAE) != 0;
    if (pae && (cpu.efer & Efer.LMA) == 0) {
      cpu.mmu.loadPdptes(cpu.cr3);
    }
    int wrong =
        GuestMsrs.load(
            cpu,
            vmx.memory(),
            vmx.vmcs.get(VmcsField.EXIT_MSR_LOAD_ADDRESS),
            vmx.vmcs.get(VmcsField.EXIT_MSR_LOAD_COUNT));
    if (wrong != 0) {
      throw abort(cpu, vmx, ABORT_LOADING_MSRS);
    }
  }

  /** A VMX abort: the processor shuts down. */
  private static RuntimeException abort(Cpu cpu, Vmx vmx, int indicator) {
    vmx.memory().write32(vmx.currentPointer + ABORT_INDICATOR, indicator);
    return cpu.exit(ExitReason.TRIPLE_FAULT, 0, 0);
  }
}
