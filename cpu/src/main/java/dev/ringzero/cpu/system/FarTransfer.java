package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.DescriptorTables.errorCode;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Far JMP and CALL: to a segment of real-address mode, a code segment, a call gate or a task.
 *
 * @spec Intel SDM Vol. 2A, "CALL"; "JMP"; Vol. 3A, "Privilege Level Checking When Transferring
 *     Program Control Between Code Segments"
 */
final class FarTransfer {
  private FarTransfer() {}

  static void jump(Cpu cpu, Instruction i) {
    transfer(cpu, i, false);
  }

  static void call(Cpu cpu, Instruction i) {
    transfer(cpu, i, true);
  }

  private static void transfer(Cpu cpu, Instruction i, boolean call) {
    long offset;
    int selector;
    if (i.hasMemory()) {
      int sizeBytes = i.operandSize / 8;
      long linear = Operands.linear(cpu, i, sizeBytes + 2, false);
      offset = SystemOperands.read(cpu, linear, sizeBytes);
      selector = (int) cpu.mmu.read16(linear + sizeBytes);
    } else {
      offset = SystemOperands.truncate(i.immediate, i.operandSize);
      selector = i.immediate2 & 0xFFFF;
    }
    if (Segmentation.protectedMode(cpu)) {
      toDescriptor(cpu, i, call, selector, offset);
    } else {
      toParagraph(cpu, i, call, selector, offset);
    }
  }

  private static void toParagraph(Cpu cpu, Instruction i, boolean call, int selector, long offset) {
    if (offset > cpu.segmentLimit[Cpu.CS]) {
      throw cpu.fault(Vector.GP, 0);
    }
    if (call) {
      pushReturn(cpu, i.operandSize / 8);
    }
    SegmentRegisters.loadParagraph(cpu, Cpu.CS, selector);
    Modes.codeSegmentChanged(cpu);
    cpu.nextRip = offset;
  }

  private static void pushReturn(Cpu cpu, int sizeBytes) {
    StackCursor stack = StackCursor.current(cpu, 0);
    stack.push(sizeBytes, cpu.selector[Cpu.CS]);
    stack.push(sizeBytes, cpu.nextRip);
    stack.commitPointer();
  }

  private static void toDescriptor(
      Cpu cpu, Instruction i, boolean call, int selector, long offset) {
    if (DescriptorTables.isNull(selector)) {
      throw cpu.fault(Vector.GP, 0);
    }
    long descriptor = DescriptorTables.fetch(cpu, selector, Vector.GP);
    if (!Descriptor.system(descriptor)) {
      toCode(cpu, i, call, selector, descriptor, offset);
    } else if (DescriptorTables.longMode(cpu)) {
      if (Descriptor.type(descriptor) != AccessRights.CALL_GATE) {
        throw cpu.fault(Vector.GP, errorCode(selector));
      }
      CallGate.enter(cpu, call, selector, descriptor);
    } else {
      toSystemSegment(cpu, call, selector, descriptor);
    }
  }

  private static void toSystemSegment(Cpu cpu, boolean call, int selector, long descriptor) {
    switch (Descriptor.type(descriptor)) {
      case AccessRights.CALL_GATE, AccessRights.CALL_GATE_16 ->
          CallGate.enter(cpu, call, selector, descriptor);
      case AccessRights.TASK_GATE -> TaskSwitch.throughGate(cpu, call, selector, descriptor);
      case AccessRights.TSS_AVAILABLE, AccessRights.TSS_16_AVAILABLE ->
          TaskSwitch.toSegment(cpu, call, selector, descriptor);
      default -> throw cpu.fault(Vector.GP, errorCode(selector));
    }
  }

  private static void toCode(
      Cpu cpu, Instruction i, boolean call, int selector, long code, long offset) {
    boolean allowed =
        Descriptor.code(code)
            && !(DescriptorTables.longMode(cpu) && Descriptor.reservedSize(code))
            && (Descriptor.conforming(code)
                ? Descriptor.dpl(code) <= cpu.cpl
                : Descriptor.dpl(code) == cpu.cpl && (selector & 3) <= cpu.cpl);
    if (!allowed) {
      throw cpu.fault(Vector.GP, errorCode(selector));
    }
    if (!Descriptor.present(code)) {
      throw cpu.fault(Vector.NP, errorCode(selector));
    }
    checkTarget(cpu, code, offset, 0);
    DescriptorTables.markAccessed(cpu, selector, code);
    if (call) {
      pushReturn(cpu, i.operandSize / 8);
    }
    SegmentRegisters.setCode(cpu, selector, code, cpu.cpl);
    cpu.nextRip = offset;
  }

  /** #GP where an offset is beyond the code segment's limit, or not canonical in 64-bit code. */
  static void checkTarget(Cpu cpu, long code, long offset, int external) {
    boolean reachable =
        DescriptorTables.longMode(cpu) && Descriptor.longCode(code)
            ? Segmentation.canonical(offset)
            : Long.compareUnsigned(offset, Descriptor.limit(code)) <= 0;
    if (!reachable) {
      throw cpu.fault(Vector.GP, external);
    }
  }
}
