package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.vmx.InstructionError;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * VMLAUNCH and VMRESUME: checks, and the way into the guest.
 *
 * @spec Intel SDM Vol. 3C, "VM Entries"
 */
final class VmEntry {
  private VmEntry() {}

  static void launch(Cpu cpu, Instruction i) {
    enter(cpu, true);
  }

  static void resume(Cpu cpu, Instruction i) {
    enter(cpu, false);
  }

  private static void enter(Cpu cpu, boolean launch) {
    Vmx vmx = VmxInstructions.root(cpu);
    if (vmx.currentPointer == Vmx.NONE || vmx.vmcs.shadow()) {
      vmx.failInvalid();
      return;
    }
    int error = error(cpu, vmx, launch);
    if (error != 0) {
      vmx.fail(error);
      return;
    }
    vmx.succeed();
    int wrong = vmx.level().guestChecks.check();
    if (wrong != GuestStateChecks.PASS) {
      VmExits.failEntry(cpu, vmx.level(), ExitReason.ENTRY_FAILURE_GUEST_STATE, wrong);
      return;
    }
    loadGuest(cpu, vmx, launch);
  }

  /** The error number of VMfailValid, or 0. */
  private static int error(Cpu cpu, Vmx vmx, boolean launch) {
    if (cpu.system.stackShadowed) {
      return InstructionError.ENTRY_BLOCKED_BY_MOV_SS;
    }
    if (launch && vmx.vmcs.launched()) {
      return InstructionError.VMLAUNCH_NOT_CLEAR;
    }
    if (!launch && !vmx.vmcs.launched()) {
      return InstructionError.VMRESUME_NOT_LAUNCHED;
    }
    if (!vmx.level().controlChecks.pass()) {
      return InstructionError.ENTRY_INVALID_CONTROLS;
    }
    return vmx.level().hostChecks.pass() ? 0 : InstructionError.ENTRY_INVALID_HOST_STATE;
  }

  private static void loadGuest(Cpu cpu, Vmx vmx, boolean launch) {
    VmxLevel level = vmx.level();
    level.counters.entered(cpu.clock.nanoTime());
    level.begin();
    level.guest.load();
    level.enterSpace();
    if (level.guest.pae()) {
      if (level.secondary(SecondaryControls.EPT)) {
        level.guest.loadPdptes();
      } else {
        cpu.mmu.loadPdptes(cpu.cr3);
      }
    }
    int wrong =
        GuestMsrs.load(
            cpu,
            vmx.memory(),
            vmx.vmcs.get(VmcsField.ENTRY_MSR_LOAD_ADDRESS),
            vmx.vmcs.get(VmcsField.ENTRY_MSR_LOAD_COUNT));
    if (wrong != 0) {
      VmExits.failEntry(cpu, level, ExitReason.ENTRY_FAILURE_MSR_LOADING, wrong);
      return;
    }
    if (launch) {
      vmx.vmcs.launched(true);
    }
    level.events.begin();
    vmx.unblockInit();
  }
}
