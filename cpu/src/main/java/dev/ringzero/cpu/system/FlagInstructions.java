package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Instructions on RFLAGS that depend on privilege: CLI, STI, PUSHF, POPF, CLAC, STAC.
 *
 * @spec Intel SDM Vol. 3B, "Virtual-8086 Mode Extensions"; "Protected-Mode Virtual Interrupts"
 */
final class FlagInstructions {
  private static final long POPF_ANY_LEVEL =
      Rflags.STATUS | Rflags.TF | Rflags.DF | Rflags.NT | Rflags.AC | Rflags.ID;

  private FlagInstructions() {}

  static void cli(Cpu cpu, Instruction i) {
    if (interruptFlagAllowed(cpu)) {
      cpu.systemFlags &= ~Rflags.IF;
    } else if (virtualInterrupts(cpu)) {
      cpu.systemFlags &= ~Rflags.VIF;
    } else {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  static void sti(Cpu cpu, Instruction i) {
    if (interruptFlagAllowed(cpu)) {
      if ((cpu.systemFlags & Rflags.IF) == 0) {
        cpu.systemFlags |= Rflags.IF;
        cpu.system.interruptShadow = true;
      }
    } else if (virtualInterrupts(cpu) && (cpu.systemFlags & Rflags.VIP) == 0) {
      cpu.systemFlags |= Rflags.VIF;
    } else {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  private static boolean interruptFlagAllowed(Cpu cpu) {
    return (cpu.cr0 & Cr0.PE) == 0 || Privilege.ioPrivilegeLevel(cpu) >= cpu.cpl;
  }

  private static boolean virtualInterrupts(Cpu cpu) {
    return cpu.cpl == 3 && (cpu.cr4 & (Segmentation.virtual8086(cpu) ? Cr4.VME : Cr4.PVI)) != 0;
  }

  static void pushf(Cpu cpu, Instruction i) {
    long flags = Flags.read(cpu) & ~(Rflags.VM | Rflags.RF);
    if (Segmentation.virtual8086(cpu) && Privilege.ioPrivilegeLevel(cpu) < 3) {
      requireExtensions(cpu, i);
      flags = virtualAsInterruptFlag(flags);
    }
    StackCursor stack = StackCursor.current(cpu, 0);
    stack.push(i.operandSize / 8, flags);
    stack.commitPointer();
  }

  static void popf(Cpu cpu, Instruction i) {
    StackCursor stack = StackCursor.current(cpu, 0);
    boolean extended = Segmentation.virtual8086(cpu) && Privilege.ioPrivilegeLevel(cpu) < 3;
    if (extended) {
      requireExtensions(cpu, i);
    }
    long flags = stack.pop(i.operandSize / 8);
    long mask = POPF_ANY_LEVEL;
    if (extended) {
      checkVirtualInterrupt(cpu, flags);
      flags = interruptFlagAsVirtual(flags);
    } else {
      mask |= interruptFlagAllowed(cpu) ? Rflags.IF : 0;
      mask |= cpu.cpl == 0 ? Rflags.IOPL : 0;
    }
    mask = i.operandSize == 16 ? mask & 0xFFFF : mask;
    stack.commitPointer();
    change(cpu, extended ? mask | Rflags.VIF : mask, flags);
    cpu.systemFlags &= ~Rflags.RF;
  }

  /** #GP(0) where virtual-8086 mode at IOPL below 3 needs CR4.VME and 16-bit operands. */
  private static void requireExtensions(Cpu cpu, Instruction i) {
    if (i.operandSize != 16 || (cpu.cr4 & Cr4.VME) == 0) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  /** The flags as code with virtual interrupts sees them: IF is VIF, IOPL is 3. */
  static long virtualAsInterruptFlag(long flags) {
    long virtual = (flags & Rflags.VIF) != 0 ? Rflags.IF : 0;
    return flags & ~Rflags.IF | Rflags.IOPL | virtual;
  }

  /** The flags with VIF as their IF bit says. */
  static long interruptFlagAsVirtual(long flags) {
    return flags & ~Rflags.VIF | ((flags & Rflags.IF) != 0 ? Rflags.VIF : 0);
  }

  /** #GP(0) where interrupts would be enabled while a virtual one waits, or TF would be set. */
  static void checkVirtualInterrupt(Cpu cpu, long flags) {
    if ((flags & Rflags.TF) != 0
        || (flags & Rflags.IF) != 0 && (cpu.systemFlags & Rflags.VIP) != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  /** Sets the flags in {@code mask} as in {@code flags}. */
  static void change(Cpu cpu, long mask, long flags) {
    long before = cpu.systemFlags;
    Flags.status(cpu, mask & Rflags.STATUS, flags);
    long system = mask & ~Rflags.STATUS;
    cpu.systemFlags = before & ~system | flags & system;
    if (((before ^ cpu.systemFlags) & Rflags.AC) != 0) {
      cpu.mmu.modeChanged();
    }
  }

  static void clac(Cpu cpu, Instruction i) {
    setAccessControl(cpu, 0);
  }

  static void stac(Cpu cpu, Instruction i) {
    setAccessControl(cpu, Rflags.AC);
  }

  private static void setAccessControl(Cpu cpu, long value) {
    if (cpu.cpl != 0) {
      throw cpu.invalidOpcode();
    }
    change(cpu, Rflags.AC, value);
  }
}
