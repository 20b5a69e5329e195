package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.DescriptorTables.errorCode;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.system.Events.Kind;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;

/**
 * Delivery through the 64-bit IDT.
 *
 * @spec Intel SDM Vol. 3A, "Exception and Interrupt Handling in 64-bit Mode"; "Interrupt Stack
 *     Table"
 */
final class LongModeEvents {
  private static final long CLEARED = Rflags.TF | Rflags.NT | Rflags.VM | Rflags.RF;

  private LongModeEvents() {}

  static void deliver(Cpu cpu, int vector, Kind kind, boolean hasErrorCode, int errorCode) {
    long gate = gate(cpu, vector, kind);
    long upperOffset = cpu.mmu.readSupervisor(cpu.system.idtrBase + 16L * vector + 8, 4);
    long target = Descriptor.gateOffset(gate) | upperOffset << 32;
    int selector = Descriptor.gateSelector(gate);
    long code = code(cpu, selector, kind.external());
    int newCpl = Descriptor.conforming(code) ? cpu.cpl : Descriptor.dpl(code);

    int external = kind.external();
    long pointer = stackPointer(cpu, (int) (gate >>> 32) & 7, newCpl, external) & -16;
    int frameBytes = hasErrorCode ? 48 : 40;
    if (!Segmentation.canonical(pointer - 1) || !Segmentation.canonical(pointer - frameBytes)) {
      throw cpu.fault(Vector.SS, external);
    }
    if (!Segmentation.canonical(target)) {
      throw cpu.fault(Vector.GP, external);
    }
    DescriptorTables.markAccessed(cpu, selector, code);
    pushFrame(cpu, pointer, newCpl, kind);
    if (hasErrorCode) {
      push(cpu, pointer - 48, newCpl, errorCode & 0xFFFF_FFFFL);
    }
    enter(cpu, gate, selector, code, newCpl);
    cpu.gpr[Cpu.RSP] = pointer - frameBytes;
    Events.enter(cpu, target);
  }

  private static long gate(Cpu cpu, int vector, Kind kind) {
    int at = 16 * vector;
    if (at + 15 > cpu.system.idtrLimit) {
      throw cpu.fault(Vector.GP, Events.idtErrorCode(vector, kind));
    }
    long gate = cpu.mmu.readSupervisor(cpu.system.idtrBase + at, 8);
    int type = (int) (gate >>> 40) & 0x1F;
    if (type != AccessRights.INTERRUPT_GATE && type != AccessRights.TRAP_GATE
        || kind.checksPrivilege() && Descriptor.dpl(gate) < cpu.cpl) {
      throw cpu.fault(Vector.GP, Events.idtErrorCode(vector, kind));
    }
    if (!Descriptor.present(gate)) {
      throw cpu.fault(Vector.NP, Events.idtErrorCode(vector, kind));
    }
    return gate;
  }

  private static long code(Cpu cpu, int selector, int external) {
    if (DescriptorTables.isNull(selector)) {
      throw cpu.fault(Vector.GP, external);
    }
    long code = DescriptorTables.fetch(cpu, selector, Vector.GP, external);
    if (!Descriptor.code(code)
        || Descriptor.dpl(code) > cpu.cpl
        || !Descriptor.longCode(code)
        || Descriptor.reservedSize(code)) {
      throw cpu.fault(Vector.GP, errorCode(selector) | external);
    }
    if (!Descriptor.present(code)) {
      throw cpu.fault(Vector.NP, errorCode(selector) | external);
    }
    return code;
  }

  private static long stackPointer(Cpu cpu, int interruptStack, int newCpl, int external) {
    if (interruptStack != 0) {
      return TaskState.interruptStack(cpu, interruptStack, external);
    }
    return newCpl < cpu.cpl ? TaskState.stackPointer64(cpu, newCpl, external) : cpu.gpr[Cpu.RSP];
  }

  private static void pushFrame(Cpu cpu, long pointer, int newCpl, Kind kind) {
    long flags = Flags.read(cpu);
    flags = kind == Kind.EXCEPTION ? flags | Rflags.RF : flags;
    flags = kind.afterInstruction() ? flags & ~Rflags.RF : flags;
    push(cpu, pointer - 8, newCpl, cpu.selector[Cpu.SS]);
    push(cpu, pointer - 16, newCpl, cpu.gpr[Cpu.RSP]);
    push(cpu, pointer - 24, newCpl, flags);
    push(cpu, pointer - 32, newCpl, cpu.selector[Cpu.CS]);
    push(cpu, pointer - 40, newCpl, Events.savedRip(cpu, kind));
  }

  private static void push(Cpu cpu, long linear, int newCpl, long value) {
    if (newCpl == 3) {
      cpu.mmu.write64(linear, value);
    } else {
      cpu.mmu.writeSupervisor(linear, 8, value);
    }
  }

  private static void enter(Cpu cpu, long gate, int selector, long code, int newCpl) {
    if (newCpl != cpu.cpl) {
      SegmentRegisters.setNullStack(cpu, newCpl);
    }
    cpu.systemFlags &= ~CLEARED;
    if (Descriptor.type(gate) == AccessRights.INTERRUPT_GATE) {
      cpu.systemFlags &= ~Rflags.IF;
    }
    SegmentRegisters.setCode(cpu, selector, code, newCpl);
  }
}
