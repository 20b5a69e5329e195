package dev.ringzero.cpu.svm;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.system.BranchRecord;
import dev.ringzero.cpu.system.ControlRegisters;
import dev.ringzero.cpu.system.SystemRegisters;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vmcb;

/**
 * The state of a guest in its VMCB: what VMRUN loads and #VMEXIT saves, and what VMLOAD and VMSAVE
 * do.
 *
 * @spec AMD64 APM Vol. 2, "VMRUN Instruction"; "VMSAVE and VMLOAD Instructions"
 */
final class GuestState {
  private static final long RESERVED_PDPTE = -(1L << AddressWidth.PHYSICAL_BITS) | 0x1E6;

  private final Cpu cpu;
  private final ControlBlock block;

  GuestState(Cpu cpu, ControlBlock block) {
    this.cpu = cpu;
    this.block = block;
  }

  /** Whether the guest's PDPTE registers are loaded at VMRUN: by nested tables they are not. */
  boolean needsPdptes(Controls controls) {
    return !controls.nestedPaging()
        && (block.read64(Vmcb.CR0) & Cr0.PG) != 0
        && (block.read64(Vmcb.CR4) & Cr4.PAE) != 0
        && (block.read64(Vmcb.EFER) & Efer.LME) == 0;
  }

  /**
   * Whether the PDPTEs to load are well formed.
   *
   * @throws dev.ringzero.cpu.ExitSignal if their memory has no frame yet
   */
  boolean pdptesHold() {
    long hpa = cpu.mmu.physical(block.read64(Vmcb.CR3) & 0xFFFF_FFE0L, false);
    for (int i = 0; hpa >= 0 && i < 4; i++) {
      long entry = MachineMemory.read64(hpa + 8 * i);
      if ((entry & PageEntry.P) != 0 && (entry & RESERVED_PDPTE) != 0) {
        return false;
      }
    }
    return hpa >= 0;
  }

  void load(Controls controls) {
    SystemRegisters system = cpu.system;
    block.loadSegment(Cpu.ES, Vmcb.ES);
    block.loadSegment(Cpu.CS, Vmcb.CS);
    block.loadSegment(Cpu.SS, Vmcb.SS);
    block.loadSegment(Cpu.DS, Vmcb.DS);
    system.gdtrBase = block.read64(Vmcb.GDTR + Vmcb.BASE);
    system.gdtrLimit = block.read32(Vmcb.GDTR + Vmcb.LIMIT) & 0xFFFF;
    system.idtrBase = block.read64(Vmcb.IDTR + Vmcb.BASE);
    system.idtrLimit = block.read32(Vmcb.IDTR + Vmcb.LIMIT) & 0xFFFF;
    cpu.cr0 = block.read64(Vmcb.CR0) | Cr0.ET;
    cpu.cr2 = block.read64(Vmcb.CR2);
    cpu.cr3 = block.read64(Vmcb.CR3);
    cpu.cr4 = block.read64(Vmcb.CR4);
    long efer = block.read64(Vmcb.EFER) & ~Efer.LMA;
    boolean longMode = (efer & Efer.LME) != 0 && (cpu.cr0 & Cr0.PG) != 0;
    cpu.efer = longMode ? efer | Efer.LMA : efer;
    cpu.dr[6] = block.read64(Vmcb.DR6);
    cpu.dr[7] = block.read64(Vmcb.DR7);
    if (controls.nestedPaging()) {
      system.pat = block.read64(Vmcb.G_PAT);
    }
    if (controls.virtualBranches()) {
      system.debugctl = block.read64(Vmcb.DBGCTL) & (BranchRecord.LBR | BranchRecord.BTF);
      for (int n = 0; n < system.branches.addresses().length; n++) {
        system.branches.addresses()[n] = block.read64(Vmcb.BR_FROM + 8 * n);
      }
    }
    Flags.write(cpu, block.read64(Vmcb.RFLAGS) | Rflags.FIXED);
    cpu.gpr[Cpu.RAX] = block.read64(Vmcb.RAX);
    cpu.gpr[Cpu.RSP] = block.read64(Vmcb.RSP);
    cpu.cpl = privilege();
    ControlRegisters.levelChanged(cpu);
    cpu.nextRip = cpu.codeOffset(block.read64(Vmcb.RIP));
  }

  private int privilege() {
    if ((cpu.cr0 & Cr0.PE) == 0) {
      return 0;
    }
    return (cpu.systemFlags & Rflags.VM) != 0 ? 3 : block.read8(Vmcb.CPL) & 3;
  }

  void save(Controls controls) {
    SystemRegisters system = cpu.system;
    block.saveSegment(Cpu.ES, Vmcb.ES);
    block.saveSegment(Cpu.CS, Vmcb.CS);
    block.saveSegment(Cpu.SS, Vmcb.SS);
    block.saveSegment(Cpu.DS, Vmcb.DS);
    block.write32(Vmcb.GDTR + Vmcb.LIMIT, system.gdtrLimit);
    block.write64(Vmcb.GDTR + Vmcb.BASE, system.gdtrBase);
    block.write32(Vmcb.IDTR + Vmcb.LIMIT, system.idtrLimit);
    block.write64(Vmcb.IDTR + Vmcb.BASE, system.idtrBase);
    block.write64(Vmcb.CR0, cpu.cr0);
    block.write64(Vmcb.CR2, cpu.cr2);
    block.write64(Vmcb.CR3, cpu.cr3);
    block.write64(Vmcb.CR4, cpu.cr4);
    block.write64(Vmcb.EFER, cpu.efer);
    block.write64(Vmcb.DR6, cpu.dr[6]);
    block.write64(Vmcb.DR7, cpu.dr[7]);
    if (controls.nestedPaging()) {
      block.write64(Vmcb.G_PAT, system.pat);
    }
    if (controls.virtualBranches()) {
      block.write64(Vmcb.DBGCTL, system.debugctl);
      for (int n = 0; n < system.branches.addresses().length; n++) {
        block.write64(Vmcb.BR_FROM + 8 * n, system.branches.addresses()[n]);
      }
    }
    block.write64(Vmcb.RFLAGS, Flags.read(cpu));
    block.write64(Vmcb.RIP, cpu.rip);
    block.write64(Vmcb.RSP, cpu.gpr[Cpu.RSP]);
    block.write64(Vmcb.RAX, cpu.gpr[Cpu.RAX]);
    block.write8(Vmcb.CPL, cpu.cpl);
  }

  /** VMLOAD. */
  void loadHidden() {
    SystemRegisters system = cpu.system;
    block.loadSegment(Cpu.FS, Vmcb.FS);
    block.loadSegment(Cpu.GS, Vmcb.GS);
    system.trSelector = block.read16(Vmcb.TR + Vmcb.SELECTOR);
    system.trAccess = block.access(block.read16(Vmcb.TR + Vmcb.ATTRIBUTES));
    system.trLimit = block.read32(Vmcb.TR + Vmcb.LIMIT) & 0xFFFF_FFFFL;
    system.trBase = block.readBase(Vmcb.TR);
    system.ldtrSelector = block.read16(Vmcb.LDTR + Vmcb.SELECTOR);
    system.ldtrAccess = block.access(block.read16(Vmcb.LDTR + Vmcb.ATTRIBUTES));
    system.ldtrLimit = block.read32(Vmcb.LDTR + Vmcb.LIMIT) & 0xFFFF_FFFFL;
    system.ldtrBase = block.readBase(Vmcb.LDTR);
    system.kernelGsBase = ControlBlock.canonical(block.read64(Vmcb.KERNEL_GS_BASE));
    system.star = block.read64(Vmcb.STAR);
    system.lstar = ControlBlock.canonical(block.read64(Vmcb.LSTAR));
    system.cstar = ControlBlock.canonical(block.read64(Vmcb.CSTAR));
    system.sfmask = block.read64(Vmcb.SFMASK);
    system.sysenterCs = block.read64(Vmcb.SYSENTER_CS);
    system.sysenterEsp = block.read64(Vmcb.SYSENTER_ESP);
    system.sysenterEip = block.read64(Vmcb.SYSENTER_EIP);
  }

  /** VMSAVE. */
  void saveHidden() {
    SystemRegisters system = cpu.system;
    block.saveSegment(Cpu.FS, Vmcb.FS);
    block.saveSegment(Cpu.GS, Vmcb.GS);
    block.saveSegment(Vmcb.TR, system.trSelector, system.trAccess, system.trLimit, system.trBase);
    block.saveSegment(
        Vmcb.LDTR, system.ldtrSelector, system.ldtrAccess, system.ldtrLimit, system.ldtrBase);
    block.write64(Vmcb.KERNEL_GS_BASE, system.kernelGsBase);
    block.write64(Vmcb.STAR, system.star);
    block.write64(Vmcb.LSTAR, system.lstar);
    block.write64(Vmcb.CSTAR, system.cstar);
    block.write64(Vmcb.SFMASK, system.sfmask);
    block.write64(Vmcb.SYSENTER_CS, system.sysenterCs);
    block.write64(Vmcb.SYSENTER_ESP, system.sysenterEsp);
    block.write64(Vmcb.SYSENTER_EIP, system.sysenterEip);
  }
}
