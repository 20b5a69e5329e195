package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * SYSCALL, SYSRET, SYSENTER, SYSEXIT and SWAPGS. Intel's processors know the first two in 64-bit
 * mode only, AMD's the next two outside long mode only.
 *
 * @spec Intel SDM Vol. 3A, "Performing Fast Calls to System Procedures"; "Fast System Calls in
 *     64-Bit Mode"
 * @spec AMD64 APM Vol. 2, "SYSCALL and SYSRET"
 */
public final class FastSystemCalls {
  private static final long SYSRET_FLAGS = 0x3C_7FD7; // what SYSRET takes from R11

  private FastSystemCalls() {}

  static void syscall(Cpu cpu, Instruction i) {
    requireSystemCalls(cpu);
    if (cpu.eventsExit) {
      throw cpu.exit(ExitReason.SYSCALL, 0, i.length);
    }
    SystemRegisters system = cpu.system;
    if (!DescriptorTables.longMode(cpu)) {
      cpu.gpr[Cpu.RCX] = cpu.nextRip & 0xFFFF_FFFFL;
      FlagInstructions.change(cpu, Rflags.VM | Rflags.IF | Rflags.RF, 0);
      int selector = (int) (system.star >>> 32) & 0xFFFC;
      enterFlat(cpu, selector, selector + 8, false, 0);
      cpu.nextRip = system.star & 0xFFFF_FFFFL;
      DebugUnit.afterSystemCall(cpu);
      return;
    }
    boolean from64 = cpu.codeSize == 64;
    long flags = Flags.read(cpu) & ~Rflags.RF;
    cpu.gpr[Cpu.RCX] = cpu.nextRip;
    cpu.gpr[11] = flags;
    FlagInstructions.change(cpu, -1L & ~Rflags.FIXED, flags & ~system.sfmask);
    crossed(cpu, 0);
    cpu.nextRip = from64 ? system.lstar : system.cstar;
    DebugUnit.afterSystemCall(cpu);
  }

  private static void requireSystemCalls(Cpu cpu) {
    boolean known =
        cpu.codeSize == 64 || cpu.system.amdSystemCalls && Segmentation.protectedMode(cpu);
    if (!known || (cpu.efer & Efer.SCE) == 0) {
      throw cpu.invalidOpcode();
    }
  }

  /** Loads CS, SS and the privilege level as SYSCALL (to 0) or SYSRET to 64-bit mode (to 3) do. */
  public static void crossed(Cpu cpu, int cpl) {
    if (cpl == 0) {
      int selector = (int) (cpu.system.star >>> 32) & 0xFFFC;
      enterFlat(cpu, selector, selector + 8, true, 0);
    } else {
      int base = (int) (cpu.system.star >>> 48);
      enterFlat(cpu, base + 16 & 0xFFFF | 3, base + 8 & 0xFFFF | 3, true, 3);
    }
  }

  static void sysret(Cpu cpu, Instruction i) {
    requireSystemCalls(cpu);
    boolean to64 = i.operandSize == 64;
    long target = cpu.gpr[Cpu.RCX];
    if (cpu.cpl != 0 || to64 && !Segmentation.canonical(target)) {
      throw cpu.fault(Vector.GP, 0);
    }
    if (DescriptorTables.longMode(cpu)) {
      FlagInstructions.change(cpu, -1L & ~Rflags.FIXED, cpu.gpr[11] & SYSRET_FLAGS);
    } else {
      FlagInstructions.change(cpu, Rflags.IF, Rflags.IF);
    }
    int base = (int) (cpu.system.star >>> 48);
    enterFlat(cpu, (to64 ? base + 16 : base) & 0xFFFF | 3, base + 8 & 0xFFFF | 3, to64, 3);
    cpu.nextRip = to64 ? target : target & 0xFFFF_FFFFL;
    DebugUnit.afterSystemCall(cpu);
  }

  static void sysenter(Cpu cpu, Instruction i) {
    if (cpu.eventsExit) {
      throw cpu.exit(ExitReason.SYSENTER, 0, i.length);
    }
    requireSystemEntry(cpu);
    SystemRegisters system = cpu.system;
    int selector = (int) system.sysenterCs & 0xFFFC;
    if ((cpu.cr0 & Cr0.PE) == 0 || selector == 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    boolean longMode = DescriptorTables.longMode(cpu);
    FlagInstructions.change(cpu, Rflags.VM | Rflags.IF | Rflags.RF, 0);
    enterFlat(cpu, selector, selector + 8, longMode, 0);
    int width = longMode ? 64 : 32;
    cpu.gpr[Cpu.RSP] = SystemOperands.truncate(system.sysenterEsp, width);
    cpu.nextRip = SystemOperands.truncate(system.sysenterEip, width);
  }

  private static void requireSystemEntry(Cpu cpu) {
    if (cpu.system.amdSystemCalls && DescriptorTables.longMode(cpu)) {
      throw cpu.invalidOpcode();
    }
  }

  static void sysexit(Cpu cpu, Instruction i) {
    requireSystemEntry(cpu);
    SystemRegisters system = cpu.system;
    int selector = (int) system.sysenterCs & 0xFFFC;
    if (!Segmentation.protectedMode(cpu) || selector == 0 || cpu.cpl != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    boolean to64 = i.operandSize == 64;
    long pointer = cpu.gpr[Cpu.RCX];
    long target = cpu.gpr[Cpu.RDX];
    if (to64 && !(Segmentation.canonical(pointer) && Segmentation.canonical(target))) {
      throw cpu.fault(Vector.GP, 0);
    }
    int code = selector + (to64 ? 32 : 16);
    enterFlat(cpu, code | 3, code + 8 | 3, to64, 3);
    int width = to64 ? 64 : 32;
    cpu.gpr[Cpu.RSP] = SystemOperands.truncate(pointer, width);
    cpu.nextRip = SystemOperands.truncate(target, width);
  }

  /** Loads CS and SS with fixed flat segments; no descriptor is read. */
  private static void enterFlat(Cpu cpu, int code, int stack, boolean to64, int cpl) {
    int access = to64 ? AccessRights.FLAT_CODE_64 : AccessRights.FLAT_CODE_32;
    SegmentRegisters.set(
        cpu, Cpu.CS, code & 0xFFFF, 0, 0xFFFF_FFFFL, AccessRights.withDpl(access, cpl));
    SegmentRegisters.set(
        cpu,
        Cpu.SS,
        stack & 0xFFFF,
        0,
        0xFFFF_FFFFL,
        AccessRights.withDpl(AccessRights.FLAT_DATA, cpl));
    Modes.codeSegmentChanged(cpu);
    Modes.privilege(cpu, cpl);
  }

  static void swapgs(Cpu cpu, Instruction i) {
    Privilege.require64(cpu);
    Privilege.requireSupervisor(cpu);
    long base = cpu.segmentBase[Cpu.GS];
    cpu.segmentBase[Cpu.GS] = cpu.system.kernelGsBase;
    cpu.system.kernelGsBase = base;
  }
}
