package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.system.AccessRights;
import dev.ringzero.cpu.system.Modes;
import dev.ringzero.cpu.system.SystemRegisters;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.vmx.ExitControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * Loads a monitor's state at a VM exit.
 *
 * @spec Intel SDM Vol. 3C, "Loading Host State"
 */
final class HostState {
  private static final long CR0_KEPT = Cr0.ET | Cr0.NW | Cr0.CD;
  private static final long DR7_RESET = 0x400;
  private static final int CODE = 0x8B | AccessRights.S | AccessRights.G;
  private static final int DATA = 0x83 | AccessRights.S | AccessRights.G | AccessRights.DB;
  private static final long ALL = 0xFFFF_FFFFL;

  private final Cpu cpu;
  private final Vmcs vmcs;

  HostState(Cpu cpu, Vmcs vmcs) {
    this.cpu = cpu;
    this.vmcs = vmcs;
  }

  void load() {
    int exit = vmcs.get32(VmcsField.EXIT_CONTROLS);
    boolean host64 = (exit & ExitControls.HOST_ADDRESS_SPACE_SIZE) != 0;
    cpu.cr0 = vmcs.get(VmcsField.HOST_CR0) & ~CR0_KEPT | cpu.cr0 & CR0_KEPT;
    cpu.cr3 = vmcs.get(VmcsField.HOST_CR3);
    long cr4 = vmcs.get(VmcsField.HOST_CR4);
    cpu.cr4 = host64 ? cr4 | Cr4.PAE : cr4 & ~Cr4.PCIDE;
    cpu.dr[7] = DR7_RESET;
    cpu.system.debugctl = 0;
    loadModelSpecific(exit, host64);
    loadSegments(host64);
    cpu.gpr[Cpu.RSP] = vmcs.get(VmcsField.HOST_RSP);
    cpu.rip = vmcs.get(VmcsField.HOST_RIP);
    cpu.nextRip = cpu.rip;
    Flags.write(cpu, Rflags.FIXED);
    cpu.system.endShadow();
    Modes.stateLoaded(cpu);
  }

  private void loadModelSpecific(int exit, boolean host64) {
    SystemRegisters system = cpu.system;
    system.sysenterCs = vmcs.get(VmcsField.HOST_SYSENTER_CS);
    system.sysenterEsp = vmcs.get(VmcsField.HOST_SYSENTER_ESP);
    system.sysenterEip = vmcs.get(VmcsField.HOST_SYSENTER_EIP);
    long mode = Efer.LMA | Efer.LME;
    cpu.efer = host64 ? cpu.efer | mode : cpu.efer & ~mode;
    if ((exit & ExitControls.LOAD_EFER) != 0) {
      cpu.efer = vmcs.get(VmcsField.HOST_EFER);
    }
    if ((exit & ExitControls.LOAD_PAT) != 0) {
      system.pat = vmcs.get(VmcsField.HOST_PAT);
    }
  }

  private void loadSegments(boolean host64) {
    segment(
        Cpu.CS, VmcsField.HOST_CS_SELECTOR, 0, CODE | (host64 ? AccessRights.L : AccessRights.DB));
    segment(Cpu.SS, VmcsField.HOST_SS_SELECTOR, 0, DATA);
    segment(Cpu.DS, VmcsField.HOST_DS_SELECTOR, 0, DATA);
    segment(Cpu.ES, VmcsField.HOST_ES_SELECTOR, 0, DATA);
    segment(Cpu.FS, VmcsField.HOST_FS_SELECTOR, vmcs.get(VmcsField.HOST_FS_BASE), DATA);
    segment(Cpu.GS, VmcsField.HOST_GS_SELECTOR, vmcs.get(VmcsField.HOST_GS_BASE), DATA);
    SystemRegisters system = cpu.system;
    system.trSelector = vmcs.get32(VmcsField.HOST_TR_SELECTOR);
    system.trBase = vmcs.get(VmcsField.HOST_TR_BASE);
    system.trLimit = 0x67;
    system.trAccess = AccessRights.P | AccessRights.TSS_BUSY;
    system.ldtrSelector = 0;
    system.ldtrAccess = AccessRights.UNUSABLE;
    system.gdtrBase = vmcs.get(VmcsField.HOST_GDTR_BASE);
    system.gdtrLimit = 0xFFFF;
    system.idtrBase = vmcs.get(VmcsField.HOST_IDTR_BASE);
    system.idtrLimit = 0xFFFF;
  }

  private void segment(int register, int selectorField, long base, int access) {
    int selector = vmcs.get32(selectorField);
    cpu.selector[register] = selector;
    cpu.segmentBase[register] = base;
    cpu.segmentLimit[register] = ALL;
    boolean unusable = selector == 0 && register != Cpu.CS;
    cpu.segmentAccess[register] = unusable ? AccessRights.UNUSABLE : access;
  }
}
