package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.DescriptorTables.errorCode;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Vector;

/**
 * Control transfer through 16-, 32- and 64-bit call gates.
 *
 * @spec Intel SDM Vol. 3A, "Accessing a Code Segment Through a Call Gate"; "Stack Switching"
 */
final class CallGate {
  private static final int PARAMETERS = 0x1F; // Parameter Count

  private CallGate() {}

  static void enter(Cpu cpu, boolean call, int selector, long gate) {
    if (Descriptor.dpl(gate) < Math.max(cpu.cpl, selector & 3)) {
      throw cpu.fault(Vector.GP, errorCode(selector));
    }
    long upper = DescriptorTables.longMode(cpu) ? upper(cpu, selector) : 0;
    if (!Descriptor.present(gate)) {
      throw cpu.fault(Vector.NP, errorCode(selector));
    }
    int codeSelector = Descriptor.gateSelector(gate);
    long code = code(cpu, call, codeSelector);
    int sizeBytes = sizeBytes(cpu, gate);
    long target = SystemOperands.truncate(Descriptor.gateOffset(gate) | upper << 32, 8 * sizeBytes);
    FarTransfer.checkTarget(cpu, code, target, 0);
    int dpl = Descriptor.dpl(code);
    if (call && !Descriptor.conforming(code) && dpl < cpu.cpl) {
      switchStack(cpu, gate, dpl, sizeBytes);
      DescriptorTables.markAccessed(cpu, codeSelector, code);
      SegmentRegisters.setCode(cpu, codeSelector, code, dpl);
    } else {
      DescriptorTables.markAccessed(cpu, codeSelector, code);
      if (call) {
        StackCursor stack = StackCursor.current(cpu, 0);
        pushReturn(cpu, stack, sizeBytes);
        stack.commitPointer();
      }
      SegmentRegisters.setCode(cpu, codeSelector, code, cpu.cpl);
    }
    cpu.nextRip = target;
  }

  private static long upper(Cpu cpu, int selector) {
    return DescriptorTables.fetchUpper(cpu, selector, Vector.GP);
  }

  private static int sizeBytes(Cpu cpu, long gate) {
    if (DescriptorTables.longMode(cpu)) {
      return 8;
    }
    return Descriptor.type(gate) == AccessRights.CALL_GATE ? 4 : 2;
  }

  private static long code(Cpu cpu, boolean call, int selector) {
    if (DescriptorTables.isNull(selector)) {
      throw cpu.fault(Vector.GP, 0);
    }
    long code = DescriptorTables.fetch(cpu, selector, Vector.GP);
    boolean allowed =
        Descriptor.code(code)
            && Descriptor.dpl(code) <= cpu.cpl
            && (call || Descriptor.conforming(code) || Descriptor.dpl(code) == cpu.cpl);
    if (DescriptorTables.longMode(cpu)) {
      allowed &= Descriptor.longCode(code) && !Descriptor.reservedSize(code);
    }
    if (!allowed) {
      throw cpu.fault(Vector.GP, errorCode(selector));
    }
    if (!Descriptor.present(code)) {
      throw cpu.fault(Vector.NP, errorCode(selector));
    }
    return code;
  }

  private static void switchStack(Cpu cpu, long gate, int cpl, int sizeBytes) {
    if (DescriptorTables.longMode(cpu)) {
      long pointer = TaskState.stackPointer64(cpu, cpl, 0);
      StackCursor stack = StackCursor.of64(cpu, pointer, cpl, 0);
      stack.push(8, cpu.selector[Cpu.SS]);
      stack.push(8, cpu.gpr[Cpu.RSP]);
      pushReturn(cpu, stack, 8);
      SegmentRegisters.setNullStack(cpu, cpl);
      stack.commitPointer();
      return;
    }
    int selector = TaskState.stackSelector(cpu, cpl, 0);
    long descriptor = innerStack(cpu, selector, cpl, 0);
    long pointer = TaskState.stackPointer(cpu, cpl, 0);
    StackCursor stack = StackCursor.of(cpu, descriptor, pointer, cpl, errorCode(selector));
    stack.push(sizeBytes, cpu.selector[Cpu.SS]);
    stack.push(sizeBytes, SystemOperands.truncate(cpu.gpr[Cpu.RSP], 8 * sizeBytes));
    copyParameters(cpu, stack, (int) (gate >>> 32) & PARAMETERS, sizeBytes);
    pushReturn(cpu, stack, sizeBytes);
    DescriptorTables.markAccessed(cpu, selector, descriptor);
    SegmentRegisters.set(cpu, Cpu.SS, selector, descriptor);
    stack.commitPointer();
  }

  /** Reads and checks the stack segment that the TSS names for an inner level. */
  static long innerStack(Cpu cpu, int selector, int cpl, int external) {
    if (DescriptorTables.isNull(selector)) {
      throw cpu.fault(Vector.TS, external);
    }
    long descriptor = DescriptorTables.fetch(cpu, selector, Vector.TS, external);
    SegmentRegisters.checkStack(cpu, selector, descriptor, cpl, Vector.TS, external);
    return descriptor;
  }

  private static void copyParameters(Cpu cpu, StackCursor to, int count, int sizeBytes) {
    StackCursor from = StackCursor.current(cpu, 0);
    long[] parameters = new long[count];
    for (int n = 0; n < count; n++) {
      parameters[n] = from.pop(sizeBytes);
    }
    for (int n = count - 1; n >= 0; n--) {
      to.push(sizeBytes, parameters[n]);
    }
  }

  private static void pushReturn(Cpu cpu, StackCursor stack, int sizeBytes) {
    stack.push(sizeBytes, cpu.selector[Cpu.CS]);
    stack.push(sizeBytes, cpu.nextRip);
  }
}
