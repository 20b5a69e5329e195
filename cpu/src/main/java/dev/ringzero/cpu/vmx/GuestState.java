package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.system.AccessRights;
import dev.ringzero.cpu.system.DebugUnit;
import dev.ringzero.cpu.system.Modes;
import dev.ringzero.cpu.system.SystemRegisters;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.vmx.EntryControls;
import dev.ringzero.x86.vmx.ExitControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * Moves a guest's state between the processor and the VMCS.
 *
 * @spec Intel SDM Vol. 3C, "Loading Guest State"; "Saving Guest State"
 */
final class GuestState {
  private static final long CR0_KEPT = Cr0.ET | Cr0.NW | Cr0.CD;
  private static final long DR7_ONES = 1L << 10;
  private static final long DR7_WRITABLE = 0xFFFF_23FFL;

  private static final long BREAKPOINTS = 0xF; // of pending debug exceptions: B0 to B3
  private static final long ENABLED_BREAKPOINT = 1L << 12;

  private final Cpu cpu;
  private final Vmcs vmcs;

  GuestState(Cpu cpu, Vmcs vmcs) {
    this.cpu = cpu;
    this.vmcs = vmcs;
  }

  // Entry.

  void load() {
    int entry = vmcs.get32(VmcsField.ENTRY_CONTROLS);
    cpu.cr0 = vmcs.get(VmcsField.GUEST_CR0) & ~CR0_KEPT | cpu.cr0 & CR0_KEPT;
    cpu.cr3 = vmcs.get(VmcsField.GUEST_CR3);
    cpu.cr4 = vmcs.get(VmcsField.GUEST_CR4);
    if ((entry & EntryControls.LOAD_DEBUG_CONTROLS) != 0) {
      cpu.dr[7] = vmcs.get(VmcsField.GUEST_DR7) & DR7_WRITABLE | DR7_ONES;
      cpu.system.debugctl = vmcs.get(VmcsField.GUEST_DEBUGCTL);
    }
    loadModelSpecific(entry);
    loadSegments();
    cpu.gpr[Cpu.RSP] = vmcs.get(VmcsField.GUEST_RSP);
    cpu.rip = vmcs.get(VmcsField.GUEST_RIP);
    cpu.nextRip = cpu.rip;
    Flags.write(cpu, vmcs.get(VmcsField.GUEST_RFLAGS));
    Modes.stateLoaded(cpu);
    int blocking = vmcs.get32(VmcsField.GUEST_INTERRUPTIBILITY);
    cpu.system.interruptShadow = (blocking & Interruptibility.STI) != 0;
    cpu.system.stackShadow = (blocking & Interruptibility.MOV_SS) != 0;
    cpu.system.nmiBlocked = (blocking & Interruptibility.NMI) != 0;
    DebugUnit.waitingTraps(cpu, vmcs.get(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS));
  }

  private void loadModelSpecific(int entry) {
    SystemRegisters system = cpu.system;
    system.sysenterCs = vmcs.get(VmcsField.GUEST_SYSENTER_CS);
    system.sysenterEsp = vmcs.get(VmcsField.GUEST_SYSENTER_ESP);
    system.sysenterEip = vmcs.get(VmcsField.GUEST_SYSENTER_EIP);
    if ((entry & EntryControls.LOAD_PAT) != 0) {
      system.pat = vmcs.get(VmcsField.GUEST_PAT);
    }
    if ((entry & EntryControls.LOAD_EFER) != 0) {
      cpu.efer = vmcs.get(VmcsField.GUEST_EFER);
      return;
    }
    boolean guest64 = (entry & EntryControls.IA32E_MODE_GUEST) != 0;
    long mode = (cpu.cr0 & Cr0.PG) != 0 ? Efer.LMA | Efer.LME : Efer.LMA;
    cpu.efer = guest64 ? cpu.efer | mode : cpu.efer & ~mode;
  }

  private void loadSegments() {
    for (int register = Cpu.ES; register <= Cpu.GS; register++) {
      cpu.selector[register] = selector(register);
      cpu.segmentBase[register] = base(register);
      cpu.segmentLimit[register] = limit(register);
      cpu.segmentAccess[register] = access(register);
    }
    SystemRegisters system = cpu.system;
    system.ldtrSelector = vmcs.get32(VmcsField.GUEST_LDTR_SELECTOR);
    system.ldtrBase = vmcs.get(VmcsField.GUEST_LDTR_BASE);
    system.ldtrLimit = vmcs.get(VmcsField.GUEST_LDTR_LIMIT);
    system.ldtrAccess = vmcs.get32(VmcsField.GUEST_LDTR_ACCESS_RIGHTS);
    system.trSelector = vmcs.get32(VmcsField.GUEST_TR_SELECTOR);
    system.trBase = vmcs.get(VmcsField.GUEST_TR_BASE);
    system.trLimit = vmcs.get(VmcsField.GUEST_TR_LIMIT);
    system.trAccess = vmcs.get32(VmcsField.GUEST_TR_ACCESS_RIGHTS);
    system.gdtrBase = vmcs.get(VmcsField.GUEST_GDTR_BASE);
    system.gdtrLimit = vmcs.get32(VmcsField.GUEST_GDTR_LIMIT);
    system.idtrBase = vmcs.get(VmcsField.GUEST_IDTR_BASE);
    system.idtrLimit = vmcs.get32(VmcsField.GUEST_IDTR_LIMIT);
  }

  private int selector(int register) {
    return vmcs.get32(VmcsField.ofSegment(VmcsField.GUEST_ES_SELECTOR, register));
  }

  private long base(int register) {
    return vmcs.get(VmcsField.ofSegment(VmcsField.GUEST_ES_BASE, register));
  }

  private long limit(int register) {
    return vmcs.get(VmcsField.ofSegment(VmcsField.GUEST_ES_LIMIT, register));
  }

  private int access(int register) {
    return vmcs.get32(VmcsField.ofSegment(VmcsField.GUEST_ES_ACCESS_RIGHTS, register));
  }

  /** The page-directory-pointer registers of a guest under EPT, after the tables are set. */
  void loadPdptes() {
    for (int i = 0; i < 4; i++) {
      cpu.mmu.pdptes()[i] = vmcs.get(VmcsField.GUEST_PDPTE0 + 2 * i);
    }
  }

  /** Whether the guest uses PAE paging. */
  boolean pae() {
    return (cpu.cr0 & Cr0.PG) != 0 && (cpu.cr4 & Cr4.PAE) != 0 && (cpu.efer & Efer.LMA) == 0;
  }

  // Exit.

  /**
   * Saves everything.
   *
   * @param ept whether EPT is in use, so that the PDPTEs belong to the state
   * @param unrestricted whether the guest may have left IA-32e mode unseen
   */
  void save(boolean ept, boolean unrestricted) {
    int exit = vmcs.get32(VmcsField.EXIT_CONTROLS);
    vmcs.set(VmcsField.GUEST_CR0, cpu.cr0);
    vmcs.set(VmcsField.GUEST_CR3, cpu.cr3);
    vmcs.set(VmcsField.GUEST_CR4, cpu.cr4);
    if ((exit & ExitControls.SAVE_DEBUG_CONTROLS) != 0) {
      vmcs.set(VmcsField.GUEST_DR7, cpu.dr[7]);
      vmcs.set(VmcsField.GUEST_DEBUGCTL, cpu.system.debugctl);
    }
    saveModelSpecific(exit, unrestricted);
    saveSegments();
    vmcs.set(VmcsField.GUEST_RSP, cpu.gpr[Cpu.RSP]);
    vmcs.set(VmcsField.GUEST_RIP, cpu.rip);
    vmcs.set(VmcsField.GUEST_RFLAGS, Flags.read(cpu));
    saveInterruptibility();
    if (ept && pae()) {
      for (int i = 0; i < 4; i++) {
        vmcs.set(VmcsField.GUEST_PDPTE0 + 2 * i, cpu.mmu.pdptes()[i]);
      }
    }
  }

  private void saveModelSpecific(int exit, boolean unrestricted) {
    SystemRegisters system = cpu.system;
    vmcs.set(VmcsField.GUEST_SYSENTER_CS, system.sysenterCs);
    vmcs.set(VmcsField.GUEST_SYSENTER_ESP, system.sysenterEsp);
    vmcs.set(VmcsField.GUEST_SYSENTER_EIP, system.sysenterEip);
    if ((exit & ExitControls.SAVE_PAT) != 0) {
      vmcs.set(VmcsField.GUEST_PAT, system.pat);
    }
    if ((exit & ExitControls.SAVE_EFER) != 0) {
      vmcs.set(VmcsField.GUEST_EFER, cpu.efer);
    }
    if (unrestricted) {
      int entry = vmcs.get32(VmcsField.ENTRY_CONTROLS) & ~EntryControls.IA32E_MODE_GUEST;
      boolean active = (cpu.efer & Efer.LMA) != 0;
      vmcs.set32(VmcsField.ENTRY_CONTROLS, active ? entry | EntryControls.IA32E_MODE_GUEST : entry);
    }
  }

  private void saveSegments() {
    for (int register = Cpu.ES; register <= Cpu.GS; register++) {
      vmcs.set(segment(VmcsField.GUEST_ES_SELECTOR, register), cpu.selector[register]);
      vmcs.set(segment(VmcsField.GUEST_ES_BASE, register), cpu.segmentBase[register]);
      vmcs.set(segment(VmcsField.GUEST_ES_LIMIT, register), cpu.segmentLimit[register]);
      vmcs.set32(
          segment(VmcsField.GUEST_ES_ACCESS_RIGHTS, register), saved(cpu.segmentAccess[register]));
    }
    SystemRegisters system = cpu.system;
    vmcs.set(VmcsField.GUEST_LDTR_SELECTOR, system.ldtrSelector);
    vmcs.set(VmcsField.GUEST_LDTR_BASE, system.ldtrBase);
    vmcs.set(VmcsField.GUEST_LDTR_LIMIT, system.ldtrLimit);
    vmcs.set32(VmcsField.GUEST_LDTR_ACCESS_RIGHTS, saved(system.ldtrAccess));
    vmcs.set(VmcsField.GUEST_TR_SELECTOR, system.trSelector);
    vmcs.set(VmcsField.GUEST_TR_BASE, system.trBase);
    vmcs.set(VmcsField.GUEST_TR_LIMIT, system.trLimit);
    vmcs.set32(VmcsField.GUEST_TR_ACCESS_RIGHTS, system.trAccess);
    vmcs.set(VmcsField.GUEST_GDTR_BASE, system.gdtrBase);
    vmcs.set32(VmcsField.GUEST_GDTR_LIMIT, system.gdtrLimit);
    vmcs.set(VmcsField.GUEST_IDTR_BASE, system.idtrBase);
    vmcs.set32(VmcsField.GUEST_IDTR_LIMIT, system.idtrLimit);
  }

  private static int segment(int field, int register) {
    return VmcsField.ofSegment(field, register);
  }

  /** A register that holds no segment is unusable. */
  private static int saved(int access) {
    return (access & AccessRights.P) == 0 ? access | AccessRights.UNUSABLE : access;
  }

  private void saveInterruptibility() {
    SystemRegisters system = cpu.system;
    int blocking = system.nmiBlocked ? Interruptibility.NMI : 0;
    if (system.stackShadow) {
      blocking |= Interruptibility.MOV_SS;
    } else if (system.interruptShadow) {
      blocking |= Interruptibility.STI;
    }
    vmcs.set32(VmcsField.GUEST_INTERRUPTIBILITY, blocking);
    long traps = DebugUnit.waitingTraps(cpu);
    DebugUnit.waitingTraps(cpu, 0);
    boolean breakpoint = (traps & BREAKPOINTS) != 0;
    vmcs.set(
        VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS, breakpoint ? traps | ENABLED_BREAKPOINT : traps);
  }
}
