package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.DescriptorTables.errorCode;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Far RET, and what IRET shares with it: the checks of a return's code and stack segments.
 *
 * @spec Intel SDM Vol. 2B, "RET"
 */
final class FarReturn {
  private FarReturn() {}

  static void ret(Cpu cpu, Instruction i) {
    int sizeBytes = i.operandSize / 8;
    long released = i.form.operands.length > 0 ? i.immediate & 0xFFFF : 0;
    StackCursor stack = StackCursor.current(cpu, 0);
    long rip = stack.pop(sizeBytes);
    int selector = (int) stack.pop(sizeBytes) & 0xFFFF;
    if (!Segmentation.protectedMode(cpu)) {
      returnToParagraph(cpu, stack, rip, selector, released);
      return;
    }
    long code = codeFor(cpu, selector);
    FarTransfer.checkTarget(cpu, code, rip, 0);
    stack.skip(released);
    if ((selector & 3) == cpu.cpl) {
      DescriptorTables.markAccessed(cpu, selector, code);
      stack.commitPointer();
      SegmentRegisters.setCode(cpu, selector, code, cpu.cpl);
    } else {
      returnOutward(cpu, stack, sizeBytes, selector, code, released);
    }
    cpu.nextRip = rip;
  }

  private static void returnToParagraph(
      Cpu cpu, StackCursor stack, long rip, int selector, long released) {
    if (rip > cpu.segmentLimit[Cpu.CS]) {
      throw cpu.fault(Vector.GP, 0);
    }
    stack.skip(released);
    stack.commitPointer();
    SegmentRegisters.loadParagraph(cpu, Cpu.CS, selector);
    Modes.codeSegmentChanged(cpu);
    cpu.nextRip = rip;
  }

  private static void returnOutward(
      Cpu cpu, StackCursor stack, int sizeBytes, int selector, long code, long released) {
    long pointer = stack.pop(sizeBytes);
    int stackSelector = (int) stack.pop(sizeBytes) & 0xFFFF;
    long stackDescriptor = stackFor(cpu, stackSelector, selector, code);
    DescriptorTables.markAccessed(cpu, selector, code);
    if (!DescriptorTables.isNull(stackSelector)) {
      DescriptorTables.markAccessed(cpu, stackSelector, stackDescriptor);
    }
    loadStack(cpu, stackSelector, stackDescriptor, pointer, sizeBytes, selector & 3);
    SegmentRegisters.setCode(cpu, selector, code, selector & 3);
    SegmentRegisters.dropInnerData(cpu);
    StackCursor outer = StackCursor.current(cpu, 0);
    outer.skip(released);
    outer.commitPointer();
  }

  /** Reads and checks the code segment that a return goes to. */
  static long codeFor(Cpu cpu, int selector) {
    if (DescriptorTables.isNull(selector)) {
      throw cpu.fault(Vector.GP, 0);
    }
    long code = DescriptorTables.fetch(cpu, selector, Vector.GP);
    int rpl = selector & 3;
    boolean fits =
        Descriptor.code(code)
            && rpl >= cpu.cpl
            && (Descriptor.conforming(code)
                ? Descriptor.dpl(code) <= rpl
                : Descriptor.dpl(code) == rpl)
            && !(DescriptorTables.longMode(cpu) && Descriptor.reservedSize(code));
    if (!fits) {
      throw cpu.fault(Vector.GP, errorCode(selector));
    }
    if (!Descriptor.present(code)) {
      throw cpu.fault(Vector.NP, errorCode(selector));
    }
    return code;
  }

  /**
   * Reads and checks the stack segment that a return loads.
   *
   * @return the descriptor, or 0 for a null selector where that is allowed
   */
  static long stackFor(Cpu cpu, int stackSelector, int codeSelector, long code) {
    int cpl = codeSelector & 3;
    if (DescriptorTables.isNull(stackSelector)) {
      boolean to64 = DescriptorTables.longMode(cpu) && Descriptor.longCode(code);
      if (!to64 || cpl == 3 || (stackSelector & 3) != cpl) {
        throw cpu.fault(Vector.GP, 0);
      }
      return 0;
    }
    long descriptor = DescriptorTables.fetch(cpu, stackSelector, Vector.GP);
    SegmentRegisters.checkStack(cpu, stackSelector, descriptor, cpl, Vector.GP, 0);
    return descriptor;
  }

  /** Loads SS:rSP, checked before; rSP is as wide as the operands or, where smaller, the stack. */
  static void loadStack(
      Cpu cpu, int selector, long descriptor, long pointer, int sizeBytes, int cpl) {
    if (DescriptorTables.isNull(selector)) {
      SegmentRegisters.setNullStack(cpu, cpl);
      cpu.gpr[Cpu.RSP] = pointer;
      return;
    }
    SegmentRegisters.set(cpu, Cpu.SS, selector, descriptor);
    boolean wide = sizeBytes == 8 || (Descriptor.access(descriptor) & AccessRights.DB) != 0;
    cpu.gpr[Cpu.RSP] = wide ? pointer : cpu.gpr[Cpu.RSP] & ~0xFFFFL | pointer & 0xFFFF;
  }
}
