package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.DescriptorTables.errorCode;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;

/**
 * The last part of a task switch, in the context of the new task: its LDT and segments. A fault
 * leaves the segments not yet loaded unusable.
 *
 * @spec Intel SDM Vol. 3A, "Exception Conditions Checked During a Task Switch"
 */
final class TaskSegments {
  private TaskSegments() {}

  static void load(Cpu cpu, TaskImage task, int external) {
    for (int segment = Cpu.ES; segment <= Cpu.GS; segment++) {
      SegmentRegisters.setNull(cpu, segment, task.selectors[segment]);
    }
    loadLocalTable(cpu, task.localTable, external);
    if ((task.flags & Rflags.VM) != 0) {
      loadParagraphs(cpu, task);
      return;
    }
    int cpl = task.selectors[Cpu.CS] & 3;
    loadCode(cpu, task.selectors[Cpu.CS], cpl, external);
    int stack = task.selectors[Cpu.SS];
    long descriptor = CallGate.innerStack(cpu, stack, cpl, external);
    DescriptorTables.markAccessed(cpu, stack, descriptor);
    SegmentRegisters.set(cpu, Cpu.SS, stack, descriptor);
    for (int segment = Cpu.ES; segment <= Cpu.GS; segment++) {
      if (segment != Cpu.CS && segment != Cpu.SS) {
        loadData(cpu, segment, task.selectors[segment], external);
      }
    }
  }

  private static void loadLocalTable(Cpu cpu, int selector, int external) {
    cpu.system.ldtrSelector = selector;
    cpu.system.ldtrAccess = AccessRights.UNUSABLE;
    if (DescriptorTables.isNull(selector)) {
      return;
    }
    boolean local = (selector & 4) != 0;
    long descriptor = local ? 0 : DescriptorTables.fetch(cpu, selector, Vector.TS, external);
    if (!Descriptor.system(descriptor)
        || Descriptor.type(descriptor) != AccessRights.LDT
        || !Descriptor.present(descriptor)) {
      throw cpu.fault(Vector.TS, errorCode(selector) | external);
    }
    cpu.system.loadLdtr(
        selector,
        Descriptor.base(descriptor),
        Descriptor.limit(descriptor),
        Descriptor.access(descriptor));
  }

  private static void loadParagraphs(Cpu cpu, TaskImage task) {
    for (int segment = Cpu.ES; segment <= Cpu.GS; segment++) {
      SegmentRegisters.loadParagraph(cpu, segment, task.selectors[segment]);
    }
    Modes.codeSegmentChanged(cpu);
    Modes.privilege(cpu, 3);
  }

  private static void loadCode(Cpu cpu, int selector, int cpl, int external) {
    if (DescriptorTables.isNull(selector)) {
      throw cpu.fault(Vector.TS, external);
    }
    long code = DescriptorTables.fetch(cpu, selector, Vector.TS, external);
    boolean fits =
        Descriptor.code(code)
            && (Descriptor.conforming(code)
                ? Descriptor.dpl(code) <= cpl
                : Descriptor.dpl(code) == cpl);
    if (!fits) {
      throw cpu.fault(Vector.TS, errorCode(selector) | external);
    }
    if (!Descriptor.present(code)) {
      throw cpu.fault(Vector.NP, errorCode(selector) | external);
    }
    DescriptorTables.markAccessed(cpu, selector, code);
    SegmentRegisters.setCode(cpu, selector, code, cpl);
  }

  private static void loadData(Cpu cpu, int segment, int selector, int external) {
    if (DescriptorTables.isNull(selector)) {
      return;
    }
    long descriptor = DescriptorTables.fetch(cpu, selector, Vector.TS, external);
    SegmentRegisters.checkData(cpu, selector, descriptor, Vector.TS);
    DescriptorTables.markAccessed(cpu, selector, descriptor);
    SegmentRegisters.set(cpu, segment, selector, descriptor);
  }
}
