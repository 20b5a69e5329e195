package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * IRET in all modes.
 *
 * <p>Not modelled: RF comes back only while a debug register is armed, for else nothing can see it.
 *
 * @spec Intel SDM Vol. 2A, "IRET/IRETD/IRETQ"
 */
final class InterruptReturn {
  private static final long ANY_LEVEL =
      Rflags.STATUS | Rflags.TF | Rflags.DF | Rflags.NT | Rflags.RF | Rflags.AC | Rflags.ID;
  private static final long LEVEL_0 = Rflags.IOPL | Rflags.VIF | Rflags.VIP;
  private static final long LOW_WORD = 0xFFFF;

  private InterruptReturn() {}

  static void iret(Cpu cpu, Instruction i) {
    cpu.system.nmiBlocked = false;
    if ((cpu.cr0 & Cr0.PE) == 0) {
      returnInRealMode(cpu, i.operandSize / 8);
    } else if (Segmentation.virtual8086(cpu)) {
      returnInVirtual8086(cpu, i.operandSize / 8);
    } else if ((cpu.systemFlags & Rflags.NT) != 0) {
      if (DescriptorTables.longMode(cpu)) {
        throw cpu.fault(Vector.GP, 0);
      }
      TaskSwitch.returnToPrevious(cpu);
    } else {
      returnInProtectedMode(cpu, i.operandSize / 8);
    }
  }

  private static void returnInRealMode(Cpu cpu, int sizeBytes) {
    StackCursor stack = StackCursor.current(cpu, 0);
    long rip = stack.pop(sizeBytes);
    int selector = (int) stack.pop(sizeBytes) & 0xFFFF;
    long flags = stack.pop(sizeBytes);
    checkLimit(cpu, rip);
    stack.commitPointer();
    SegmentRegisters.loadParagraph(cpu, Cpu.CS, selector);
    Modes.codeSegmentChanged(cpu);
    long mask = ANY_LEVEL | Rflags.IF | Rflags.IOPL;
    load(cpu, flags, sizeBytes == 2 ? mask & LOW_WORD : mask);
    cpu.nextRip = rip;
  }

  private static void returnInVirtual8086(Cpu cpu, int sizeBytes) {
    boolean allowed = Privilege.ioPrivilegeLevel(cpu) == 3;
    if (!allowed && (sizeBytes != 2 || (cpu.cr4 & Cr4.VME) == 0)) {
      throw cpu.fault(Vector.GP, 0);
    }
    StackCursor stack = StackCursor.current(cpu, 0);
    long rip = stack.pop(sizeBytes);
    int selector = (int) stack.pop(sizeBytes) & 0xFFFF;
    long flags = stack.pop(sizeBytes);
    checkLimit(cpu, rip);
    long mask = ANY_LEVEL | Rflags.IF;
    if (!allowed) {
      FlagInstructions.checkVirtualInterrupt(cpu, flags);
      flags = FlagInstructions.interruptFlagAsVirtual(flags);
      mask = mask & LOW_WORD & ~Rflags.IF | Rflags.VIF;
    } else if (sizeBytes == 2) {
      mask &= LOW_WORD;
    }
    stack.commitPointer();
    SegmentRegisters.loadParagraph(cpu, Cpu.CS, selector);
    load(cpu, flags, mask);
    cpu.nextRip = rip;
  }

  private static void checkLimit(Cpu cpu, long rip) {
    if (rip > cpu.segmentLimit[Cpu.CS]) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  private static void returnInProtectedMode(Cpu cpu, int sizeBytes) {
    StackCursor stack = StackCursor.current(cpu, 0);
    long rip = stack.pop(sizeBytes);
    int selector = (int) stack.pop(sizeBytes) & 0xFFFF;
    long flags = stack.pop(sizeBytes);
    if ((flags & Rflags.VM) != 0
        && sizeBytes == 4
        && cpu.cpl == 0
        && !DescriptorTables.longMode(cpu)) {
      enterVirtual8086(cpu, stack, rip, selector, flags);
      return;
    }
    long code = FarReturn.codeFor(cpu, selector);
    int cpl = selector & 3;
    FarTransfer.checkTarget(cpu, code, rip, 0);
    if (cpl != cpu.cpl || cpu.codeSize == 64) {
      returnWithStack(cpu, stack, sizeBytes, selector, code, flags);
    } else {
      DescriptorTables.markAccessed(cpu, selector, code);
      stack.commitPointer();
      loadFlags(cpu, flags, sizeBytes);
      SegmentRegisters.setCode(cpu, selector, code, cpl);
    }
    cpu.nextRip = rip;
  }

  private static void returnWithStack(
      Cpu cpu, StackCursor stack, int sizeBytes, int selector, long code, long flags) {
    long pointer = stack.pop(sizeBytes);
    int stackSelector = (int) stack.pop(sizeBytes) & 0xFFFF;
    long stackDescriptor = FarReturn.stackFor(cpu, stackSelector, selector, code);
    boolean outer = (selector & 3) != cpu.cpl;
    DescriptorTables.markAccessed(cpu, selector, code);
    if (!DescriptorTables.isNull(stackSelector)) {
      DescriptorTables.markAccessed(cpu, stackSelector, stackDescriptor);
    }
    loadFlags(cpu, flags, sizeBytes);
    FarReturn.loadStack(cpu, stackSelector, stackDescriptor, pointer, sizeBytes, selector & 3);
    SegmentRegisters.setCode(cpu, selector, code, selector & 3);
    if (outer) {
      SegmentRegisters.dropInnerData(cpu);
    }
  }

  private static void loadFlags(Cpu cpu, long flags, int sizeBytes) {
    long mask = ANY_LEVEL;
    if (cpu.cpl == 0) {
      mask |= LEVEL_0;
    }
    if (cpu.cpl <= Privilege.ioPrivilegeLevel(cpu)) {
      mask |= Rflags.IF;
    }
    load(cpu, flags, sizeBytes == 2 ? mask & LOW_WORD : mask);
  }

  private static void load(Cpu cpu, long flags, long mask) {
    long loaded = DebugUnit.armed(cpu) ? mask : mask & ~Rflags.RF;
    cpu.system.resumeFlagLoaded = (loaded & flags & Rflags.RF) != 0;
    FlagInstructions.change(cpu, loaded, flags);
  }

  private static void enterVirtual8086(
      Cpu cpu, StackCursor stack, long rip, int selector, long flags) {
    long pointer = stack.pop(4);
    int stackSelector = (int) stack.pop(4) & 0xFFFF;
    int es = (int) stack.pop(4) & 0xFFFF;
    int ds = (int) stack.pop(4) & 0xFFFF;
    int fs = (int) stack.pop(4) & 0xFFFF;
    int gs = (int) stack.pop(4) & 0xFFFF;
    if (rip > 0xFFFF) {
      throw cpu.fault(Vector.GP, 0);
    }
    load(cpu, flags, ANY_LEVEL | LEVEL_0 | Rflags.IF | Rflags.VM);
    SegmentRegisters.loadParagraph(cpu, Cpu.CS, selector);
    SegmentRegisters.loadParagraph(cpu, Cpu.SS, stackSelector);
    SegmentRegisters.loadParagraph(cpu, Cpu.ES, es);
    SegmentRegisters.loadParagraph(cpu, Cpu.DS, ds);
    SegmentRegisters.loadParagraph(cpu, Cpu.FS, fs);
    SegmentRegisters.loadParagraph(cpu, Cpu.GS, gs);
    cpu.gpr[Cpu.RSP] = pointer;
    Modes.codeSegmentChanged(cpu);
    Modes.privilege(cpu, 3);
    cpu.nextRip = rip;
  }
}
