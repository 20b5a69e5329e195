package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.DescriptorTables.errorCode;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.level.Level.TaskSwitchSource;
import dev.ringzero.cpu.system.Events.Kind;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;

/**
 * Task switching of protected mode, with 16- and 32-bit task-state segments.
 *
 * <p>Not modelled: the debug trap flag (T) of a TSS.
 *
 * @spec Intel SDM Vol. 3A, "Task Switching"; "Task Linking"
 */
final class TaskSwitch {
  private enum Reason {
    JUMP(TaskSwitchSource.JUMP),
    CALL(TaskSwitchSource.CALL),
    EVENT(TaskSwitchSource.GATE),
    RETURN(TaskSwitchSource.IRET);

    final TaskSwitchSource source;

    Reason(TaskSwitchSource source) {
      this.source = source;
    }

    boolean nests() {
      return this == CALL || this == EVENT;
    }
  }

  private TaskSwitch() {}

  /** Far JMP or CALL to a task gate. */
  static void throughGate(Cpu cpu, boolean call, int selector, long gate) {
    if (Descriptor.dpl(gate) < Math.max(cpu.cpl, selector & 3)) {
      throw cpu.fault(Vector.GP, errorCode(selector));
    }
    if (!Descriptor.present(gate)) {
      throw cpu.fault(Vector.NP, errorCode(selector));
    }
    int task = Descriptor.gateSelector(gate);
    switchTo(cpu, task, available(cpu, task, 0), call ? Reason.CALL : Reason.JUMP, cpu.nextRip);
  }

  /** Far JMP or CALL to a TSS descriptor. */
  static void toSegment(Cpu cpu, boolean call, int selector, long descriptor) {
    if (Descriptor.dpl(descriptor) < Math.max(cpu.cpl, selector & 3)) {
      throw cpu.fault(Vector.GP, errorCode(selector));
    }
    long checked = available(cpu, selector, 0);
    switchTo(cpu, selector, checked, call ? Reason.CALL : Reason.JUMP, cpu.nextRip);
  }

  /** An exception or interrupt through a task gate. */
  static void forEvent(Cpu cpu, long gate, Kind kind, boolean hasErrorCode, int errorCode) {
    int task = Descriptor.gateSelector(gate);
    int external = kind.external();
    long descriptor = available(cpu, task, external);
    switchTo(
        cpu,
        task,
        descriptor,
        Reason.EVENT,
        Events.savedRip(cpu, kind),
        external,
        hasErrorCode,
        errorCode);
    if (hasErrorCode) {
      StackCursor stack = StackCursor.current(cpu, external);
      stack.push(TaskState.is32(cpu) ? 4 : 2, errorCode);
      stack.commitPointer();
    }
    Events.enter(cpu, cpu.rip);
  }

  /** IRET with NT set. */
  static void returnToPrevious(Cpu cpu) {
    int task = (int) cpu.mmu.readSupervisor(cpu.system.trBase, 2);
    long descriptor = descriptor(cpu, task, Vector.TS, 0);
    int type = Descriptor.type(descriptor);
    if (!Descriptor.system(descriptor)
        || type != AccessRights.TSS_BUSY && type != AccessRights.TSS_16_BUSY) {
      throw cpu.fault(Vector.TS, errorCode(task));
    }
    checkPresent(cpu, task, descriptor, 0);
    switchTo(cpu, task, descriptor, Reason.RETURN, cpu.nextRip);
  }

  private static long available(Cpu cpu, int task, int external) {
    long descriptor = descriptor(cpu, task, Vector.GP, external);
    int type = Descriptor.type(descriptor);
    if (!Descriptor.system(descriptor)
        || type != AccessRights.TSS_AVAILABLE && type != AccessRights.TSS_16_AVAILABLE) {
      throw cpu.fault(Vector.GP, errorCode(task) | external);
    }
    checkPresent(cpu, task, descriptor, external);
    return descriptor;
  }

  private static long descriptor(Cpu cpu, int task, int vector, int external) {
    if ((task & 4) != 0 || DescriptorTables.isNull(task)) {
      throw cpu.fault(vector, errorCode(task) | external);
    }
    return DescriptorTables.fetch(cpu, task, vector, external);
  }

  private static void checkPresent(Cpu cpu, int task, long descriptor, int external) {
    if (!Descriptor.present(descriptor)) {
      throw cpu.fault(Vector.NP, errorCode(task) | external);
    }
    if (Descriptor.limit(descriptor) < TaskImage.of(descriptor).minimumLimit()) {
      throw cpu.fault(Vector.TS, errorCode(task) | external);
    }
  }

  private static void switchTo(Cpu cpu, int task, long descriptor, Reason reason, long savedRip) {
    switchTo(cpu, task, descriptor, reason, savedRip, 0, false, 0);
  }

  private static void switchTo(
      Cpu cpu,
      int task,
      long descriptor,
      Reason reason,
      long savedRip,
      int external,
      boolean hasErrorCode,
      int errorCode) {
    SystemRegisters system = cpu.system;
    if (cpu.level != null) {
      cpu.level.taskSwitch(task, reason.source, hasErrorCode, errorCode);
    }
    TaskImage incoming = TaskImage.of(descriptor);
    incoming.read(cpu, Descriptor.base(descriptor));
    long savedFlags = Flags.read(cpu);
    savedFlags = reason == Reason.RETURN ? savedFlags & ~Rflags.NT : savedFlags;
    TaskImage.save(cpu, savedRip, savedFlags);

    if (!reason.nests()) {
      DescriptorTables.markAvailable(cpu, system.trSelector);
    }
    if (reason != Reason.RETURN) {
      DescriptorTables.markBusy(cpu, task);
    }
    if (reason.nests()) {
      cpu.mmu.writeSupervisor(Descriptor.base(descriptor), 2, system.trSelector);
      incoming.flags |= Rflags.NT;
    }
    system.loadTr(
        task,
        Descriptor.base(descriptor),
        Descriptor.limit(descriptor),
        Descriptor.access(descriptor) | AccessRights.BUSY);
    cpu.cr0 |= Cr0.TS;
    cpu.dr[7] &= ~0x55L; // L0 to L3 are local to a task
    loadRoot(cpu, incoming);
    loadRegisters(cpu, incoming);
    cpu.mmu.modeChanged();
    Events.enter(cpu, incoming.rip);
    TaskSegments.load(cpu, incoming, external);
    if (cpu.rip > cpu.segmentLimit[Cpu.CS]) {
      throw cpu.fault(Vector.GP, external);
    }
  }

  private static void loadRoot(Cpu cpu, TaskImage incoming) {
    if (incoming.wide && (cpu.cr0 & Cr0.PG) != 0 && incoming.root != cpu.cr3) {
      if ((cpu.cr4 & Cr4.PAE) != 0) {
        cpu.mmu.loadPdptes(incoming.root);
      }
      cpu.cr3 = incoming.root;
      cpu.mmu.rootChanged(true);
    }
  }

  private static void loadRegisters(Cpu cpu, TaskImage incoming) {
    for (int n = 0; n < 8; n++) {
      cpu.gpr[n] = incoming.registers[n];
    }
    Flags.write(cpu, incoming.flags & TaskImage.FLAGS);
  }
}
