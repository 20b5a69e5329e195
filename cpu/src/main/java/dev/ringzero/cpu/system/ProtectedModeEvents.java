package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.DescriptorTables.errorCode;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.system.Events.Kind;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;

/**
 * Delivery through the IDT of protected and virtual-8086 mode: interrupt, trap and task gates.
 *
 * @spec Intel SDM Vol. 3A, "Exception and Interrupt Handling"; Vol. 3B, "Handling Hardware
 *     Interrupts and Exceptions in Virtual-8086 mode"
 */
final class ProtectedModeEvents {
  private static final long CLEARED = Rflags.TF | Rflags.NT | Rflags.VM | Rflags.RF;

  private ProtectedModeEvents() {}

  static void deliver(Cpu cpu, int vector, Kind kind, boolean hasErrorCode, int errorCode) {
    long gate = gate(cpu, vector, kind);
    if (Descriptor.type(gate) == AccessRights.TASK_GATE) {
      TaskSwitch.forEvent(cpu, gate, kind, hasErrorCode, errorCode);
      return;
    }
    int external = kind.external();
    int selector = Descriptor.gateSelector(gate);
    long code = code(cpu, selector, external);
    boolean wide = Descriptor.type(gate) >= AccessRights.INTERRUPT_GATE;
    int sizeBytes = wide ? 4 : 2;
    long target = SystemOperands.truncate(Descriptor.gateOffset(gate), 8 * sizeBytes);
    FarTransfer.checkTarget(cpu, code, target, external);
    long flags = savedFlags(cpu, kind);
    int newCpl = Descriptor.conforming(code) ? cpu.cpl : Descriptor.dpl(code);
    if (newCpl < cpu.cpl) {
      int stackSelector = TaskState.stackSelector(cpu, newCpl, external);
      long descriptor = CallGate.innerStack(cpu, stackSelector, newCpl, external);
      StackCursor stack =
          StackCursor.of(
              cpu,
              descriptor,
              TaskState.stackPointer(cpu, newCpl, external),
              newCpl,
              errorCode(stackSelector) | external);
      pushOuterStack(cpu, stack, sizeBytes);
      pushReturn(cpu, stack, sizeBytes, flags, kind, hasErrorCode, errorCode);
      DescriptorTables.markAccessed(cpu, stackSelector, descriptor);
      leaveVirtual8086(cpu);
      SegmentRegisters.set(cpu, Cpu.SS, stackSelector, descriptor);
      stack.commitPointer();
    } else {
      StackCursor stack = StackCursor.current(cpu, external);
      pushReturn(cpu, stack, sizeBytes, flags, kind, hasErrorCode, errorCode);
      stack.commitPointer();
    }
    DescriptorTables.markAccessed(cpu, selector, code);
    boolean interruptGate = (Descriptor.type(gate) & 1) == 0;
    cpu.systemFlags &= ~(interruptGate ? CLEARED | Rflags.IF : CLEARED);
    SegmentRegisters.setCode(cpu, selector, code, newCpl);
    Events.enter(cpu, target);
  }

  private static long gate(Cpu cpu, int vector, Kind kind) {
    int at = 8 * vector;
    if (at + 7 > cpu.system.idtrLimit) {
      throw cpu.fault(Vector.GP, Events.idtErrorCode(vector, kind));
    }
    long gate = cpu.mmu.readSupervisor(cpu.system.idtrBase + at & 0xFFFF_FFFFL, 8);
    boolean known =
        Descriptor.system(gate)
            && switch (Descriptor.type(gate)) {
              case AccessRights.TASK_GATE,
                  AccessRights.INTERRUPT_GATE_16,
                  AccessRights.TRAP_GATE_16,
                  AccessRights.INTERRUPT_GATE,
                  AccessRights.TRAP_GATE ->
                  true;
              default -> false;
            };
    if (!known || kind.checksPrivilege() && Descriptor.dpl(gate) < cpu.cpl) {
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
    boolean allowed = Descriptor.code(code) && Descriptor.dpl(code) <= cpu.cpl;
    if (Segmentation.virtual8086(cpu)) {
      allowed &= !Descriptor.conforming(code) && Descriptor.dpl(code) == 0;
    }
    if (!allowed) {
      throw cpu.fault(Vector.GP, errorCode(selector) | external);
    }
    if (!Descriptor.present(code)) {
      throw cpu.fault(Vector.NP, errorCode(selector) | external);
    }
    return code;
  }

  private static long savedFlags(Cpu cpu, Kind kind) {
    long flags = Flags.read(cpu);
    flags = kind == Kind.EXCEPTION ? flags | Rflags.RF : flags;
    return kind.afterInstruction() ? flags & ~Rflags.RF : flags;
  }

  private static void pushOuterStack(Cpu cpu, StackCursor stack, int sizeBytes) {
    if (Segmentation.virtual8086(cpu)) {
      stack.push(sizeBytes, cpu.selector[Cpu.GS]);
      stack.push(sizeBytes, cpu.selector[Cpu.FS]);
      stack.push(sizeBytes, cpu.selector[Cpu.DS]);
      stack.push(sizeBytes, cpu.selector[Cpu.ES]);
    }
    stack.push(sizeBytes, cpu.selector[Cpu.SS]);
    stack.push(sizeBytes, cpu.gpr[Cpu.RSP]);
  }

  private static void pushReturn(
      Cpu cpu,
      StackCursor stack,
      int sizeBytes,
      long flags,
      Kind kind,
      boolean hasErrorCode,
      int errorCode) {
    stack.push(sizeBytes, flags);
    stack.push(sizeBytes, cpu.selector[Cpu.CS]);
    stack.push(sizeBytes, Events.savedRip(cpu, kind));
    if (hasErrorCode) {
      stack.push(sizeBytes, errorCode);
    }
  }

  private static void leaveVirtual8086(Cpu cpu) {
    if (Segmentation.virtual8086(cpu)) {
      SegmentRegisters.setNull(cpu, Cpu.ES, 0);
      SegmentRegisters.setNull(cpu, Cpu.DS, 0);
      SegmentRegisters.setNull(cpu, Cpu.FS, 0);
      SegmentRegisters.setNull(cpu, Cpu.GS, 0);
    }
  }
}
