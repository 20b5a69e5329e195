package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.DescriptorTables.errorCode;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Instructions on descriptor-table registers, the task register, and on selectors.
 *
 * @spec Intel SDM Vol. 3A, "System Instruction Summary"; Vol. 2A, "LGDT/LIDT"; "LAR"; "LSL"; "LTR"
 */
final class DescriptorTableInstructions {
  private DescriptorTableInstructions() {}

  static void lgdt(Cpu cpu, Instruction i) {
    Privilege.requireSupervisor(cpu);
    long linear = Operands.linear(cpu, i, pseudoDescriptorBytes(cpu), false);
    int limit = (int) cpu.mmu.read16(linear);
    cpu.system.gdtrBase = readBase(cpu, i, linear + 2);
    cpu.system.gdtrLimit = limit;
  }

  static void lidt(Cpu cpu, Instruction i) {
    Privilege.requireSupervisor(cpu);
    long linear = Operands.linear(cpu, i, pseudoDescriptorBytes(cpu), false);
    int limit = (int) cpu.mmu.read16(linear);
    cpu.system.idtrBase = readBase(cpu, i, linear + 2);
    cpu.system.idtrLimit = limit;
  }

  private static int pseudoDescriptorBytes(Cpu cpu) {
    return cpu.codeSize == 64 ? 10 : 6;
  }

  private static long readBase(Cpu cpu, Instruction i, long linear) {
    if (cpu.codeSize == 64) {
      long base = cpu.mmu.read64(linear);
      if (!Segmentation.canonical(base)) {
        throw cpu.fault(Vector.GP, 0);
      }
      return base;
    }
    long base = cpu.mmu.read32(linear);
    return i.operandSize == 16 ? base & 0xFF_FFFF : base;
  }

  static void sgdt(Cpu cpu, Instruction i) {
    store(cpu, i, cpu.system.gdtrBase, cpu.system.gdtrLimit);
  }

  static void sidt(Cpu cpu, Instruction i) {
    store(cpu, i, cpu.system.idtrBase, cpu.system.idtrLimit);
  }

  private static void store(Cpu cpu, Instruction i, long base, int limit) {
    Privilege.checkUserModePrevention(cpu);
    int lengthBytes = pseudoDescriptorBytes(cpu);
    long linear = Operands.linear(cpu, i, lengthBytes, true);
    cpu.mmu.probeWrite(linear, lengthBytes);
    cpu.mmu.write16(linear, limit);
    SystemOperands.write(cpu, linear + 2, lengthBytes - 2, base);
  }

  static void lldt(Cpu cpu, Instruction i) {
    Privilege.requireProtectedMode(cpu);
    Privilege.requireSupervisor(cpu);
    int selector = SystemOperands.readSelector(cpu, i);
    if (DescriptorTables.isNull(selector)) {
      cpu.system.ldtrSelector = selector;
      cpu.system.ldtrAccess = AccessRights.UNUSABLE;
      return;
    }
    long descriptor = globalSystemDescriptor(cpu, selector);
    if (Descriptor.type(descriptor) != AccessRights.LDT) {
      throw cpu.fault(Vector.GP, errorCode(selector));
    }
    long base = systemBase(cpu, selector, descriptor);
    if (!Descriptor.present(descriptor)) {
      throw cpu.fault(Vector.NP, errorCode(selector));
    }
    cpu.system.loadLdtr(
        selector, base, Descriptor.limit(descriptor), Descriptor.access(descriptor));
  }

  static void ltr(Cpu cpu, Instruction i) {
    Privilege.requireProtectedMode(cpu);
    Privilege.requireSupervisor(cpu);
    int selector = SystemOperands.readSelector(cpu, i);
    if (DescriptorTables.isNull(selector)) {
      throw cpu.fault(Vector.GP, 0);
    }
    long descriptor = globalSystemDescriptor(cpu, selector);
    int type = Descriptor.type(descriptor);
    boolean available =
        type == AccessRights.TSS_AVAILABLE
            || type == AccessRights.TSS_16_AVAILABLE && !DescriptorTables.longMode(cpu);
    if (!available) {
      throw cpu.fault(Vector.GP, errorCode(selector));
    }
    long base = systemBase(cpu, selector, descriptor);
    if (!Descriptor.present(descriptor)) {
      throw cpu.fault(Vector.NP, errorCode(selector));
    }
    DescriptorTables.markBusy(cpu, selector);
    int access = Descriptor.access(descriptor) | AccessRights.BUSY;
    cpu.system.loadTr(selector, base, Descriptor.limit(descriptor), access);
  }

  private static long globalSystemDescriptor(Cpu cpu, int selector) {
    boolean local = (selector & 4) != 0;
    long descriptor = local ? 0 : DescriptorTables.fetch(cpu, selector, Vector.GP);
    if (local || !Descriptor.system(descriptor)) {
      throw cpu.fault(Vector.GP, errorCode(selector));
    }
    return descriptor;
  }

  private static long systemBase(Cpu cpu, int selector, long descriptor) {
    long base = Descriptor.base(descriptor);
    if (DescriptorTables.longMode(cpu)) {
      base |= DescriptorTables.fetchUpper(cpu, selector, Vector.GP) << 32;
      if (!Segmentation.canonical(base)) {
        throw cpu.fault(Vector.GP, 0);
      }
    }
    return base;
  }

  static void sldt(Cpu cpu, Instruction i) {
    Privilege.requireProtectedMode(cpu);
    Privilege.checkUserModePrevention(cpu);
    SystemOperands.writeSelector(cpu, i, cpu.system.ldtrSelector);
  }

  static void str(Cpu cpu, Instruction i) {
    Privilege.requireProtectedMode(cpu);
    Privilege.checkUserModePrevention(cpu);
    SystemOperands.writeSelector(cpu, i, cpu.system.trSelector);
  }

  static void lar(Cpu cpu, Instruction i) {
    Privilege.requireProtectedMode(cpu);
    int selector = SystemOperands.readSelector(cpu, i);
    long descriptor = visible(cpu, selector, true);
    if (descriptor != 0) {
      long rights = descriptor >>> 32 & 0xF0_FF00L;
      SystemOperands.writeRegister(cpu, i.reg, i.operandSize, rights);
    }
    zeroFlag(cpu, descriptor != 0);
  }

  static void lsl(Cpu cpu, Instruction i) {
    Privilege.requireProtectedMode(cpu);
    int selector = SystemOperands.readSelector(cpu, i);
    long descriptor = visible(cpu, selector, false);
    if (descriptor != 0) {
      SystemOperands.writeRegister(cpu, i.reg, i.operandSize, Descriptor.limit(descriptor));
    }
    zeroFlag(cpu, descriptor != 0);
  }

  static void verr(Cpu cpu, Instruction i) {
    Privilege.requireProtectedMode(cpu);
    long descriptor = visibleSegment(cpu, SystemOperands.readSelector(cpu, i));
    zeroFlag(cpu, descriptor != 0 && Descriptor.readable(descriptor));
  }

  static void verw(Cpu cpu, Instruction i) {
    Privilege.requireProtectedMode(cpu);
    long descriptor = visibleSegment(cpu, SystemOperands.readSelector(cpu, i));
    zeroFlag(cpu, descriptor != 0 && Descriptor.writableData(descriptor));
  }

  /** The code or data descriptor of a selector, or 0 where it may not be seen. */
  private static long visibleSegment(Cpu cpu, int selector) {
    long descriptor = visible(cpu, selector, false);
    return descriptor != 0 && !Descriptor.system(descriptor) ? descriptor : 0;
  }

  /** The descriptor of a selector for LAR (with gates) or LSL, or 0 where it may not be seen. */
  private static long visible(Cpu cpu, int selector, boolean gates) {
    if (DescriptorTables.isNull(selector) || !DescriptorTables.within(cpu, selector)) {
      return 0;
    }
    long descriptor = DescriptorTables.read(cpu, selector);
    if (Descriptor.system(descriptor) && !visibleType(cpu, Descriptor.type(descriptor), gates)) {
      return 0;
    }
    boolean conforming = Descriptor.code(descriptor) && Descriptor.conforming(descriptor);
    boolean privileged = Math.max(cpu.cpl, selector & 3) <= Descriptor.dpl(descriptor);
    return conforming || privileged ? descriptor : 0;
  }

  private static boolean visibleType(Cpu cpu, int type, boolean gates) {
    boolean legacy = !DescriptorTables.longMode(cpu);
    return switch (type) {
      case AccessRights.LDT, AccessRights.TSS_AVAILABLE, AccessRights.TSS_BUSY -> true;
      case AccessRights.TSS_16_AVAILABLE, AccessRights.TSS_16_BUSY -> legacy;
      case AccessRights.CALL_GATE -> gates;
      case AccessRights.CALL_GATE_16, AccessRights.TASK_GATE -> gates && legacy;
      default -> false;
    };
  }

  static void arpl(Cpu cpu, Instruction i) {
    Privilege.requireProtectedMode(cpu);
    long linear = i.hasMemory() ? Operands.linear(cpu, i, 2, true) : 0;
    long value = i.hasMemory() ? cpu.mmu.read16(linear) : cpu.gpr[i.rm] & 0xFFFF;
    long required = cpu.gpr[i.reg] & 3;
    boolean raise = (value & 3) < required;
    if (raise && i.hasMemory()) {
      cpu.mmu.write16(linear, value & ~3L | required);
    } else if (raise) {
      SystemOperands.writeRegister(cpu, i.rm, 16, value & ~3L | required);
    }
    zeroFlag(cpu, raise);
  }

  private static void zeroFlag(Cpu cpu, boolean set) {
    Flags.status(cpu, Rflags.ZF, set ? Rflags.ZF : 0);
  }
}
