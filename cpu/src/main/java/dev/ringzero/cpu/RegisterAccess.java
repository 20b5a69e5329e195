package dev.ringzero.cpu;

import dev.ringzero.cpu.system.ControlRegisters;
import dev.ringzero.cpu.system.SystemRegisters;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;

/** Registers of a processor as a monitor or debugger names them, while no guest code runs. */
final class RegisterAccess {
  private RegisterAccess() {}

  static long read(Cpu cpu, Register register) {
    return switch (register) {
      case RIP -> cpu.rip;
      case RFLAGS -> Flags.read(cpu);
      case CR0 -> cpu.cr0;
      case CR2 -> cpu.cr2;
      case CR3 -> cpu.cr3;
      case CR4 -> cpu.cr4;
      case CR8 -> cpu.interrupts.taskPriority();
      case XCR0 -> cpu.xcr0;
      case DR0, DR1, DR2, DR3 -> cpu.dr[register.ordinal() - Register.DR0.ordinal()];
      case DR6 -> cpu.dr[6];
      case DR7 -> cpu.dr[7];
      case RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 ->
          cpu.gpr[register.ordinal()];
    };
  }

  static void write(Cpu cpu, Register register, long value) {
    switch (register) {
      case RIP -> {
        cpu.rip = value;
        cpu.nextRip = value;
      }
      case RFLAGS -> Flags.write(cpu, value);
      case CR0 -> cpu.cr0 = value;
      case CR2 -> cpu.cr2 = value;
      case CR3 -> cpu.cr3 = value;
      case CR4 -> cpu.cr4 = value;
      case CR8 -> cpu.interrupts.taskPriority((int) value & 15);
      case XCR0 -> cpu.xcr0 = value;
      case DR0, DR1, DR2, DR3 -> cpu.dr[register.ordinal() - Register.DR0.ordinal()] = value;
      case DR6 -> cpu.dr[6] = value;
      case DR7 -> cpu.dr[7] = value;
      case RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 ->
          cpu.gpr[register.ordinal()] = value;
    }
  }

  /** Whether a change of this register needs {@link #settle}. */
  static boolean unsettles(Register register) {
    return switch (register) {
      case RIP, RFLAGS, CR0, CR3, CR4, DR0, DR1, DR2, DR3, DR7 -> true;
      default -> false;
    };
  }

  static SegmentState segment(Cpu cpu, int number) {
    SystemRegisters system = cpu.system;
    return switch (number) {
      case SegmentState.GDTR -> new SegmentState(0, system.gdtrBase, system.gdtrLimit, 0);
      case SegmentState.IDTR -> new SegmentState(0, system.idtrBase, system.idtrLimit, 0);
      case SegmentState.LDTR ->
          new SegmentState(
              system.ldtrSelector, system.ldtrBase, system.ldtrLimit, system.ldtrAccess);
      case SegmentState.TR ->
          new SegmentState(system.trSelector, system.trBase, system.trLimit, system.trAccess);
      default ->
          new SegmentState(
              cpu.selector[number],
              cpu.segmentBase[number],
              cpu.segmentLimit[number],
              cpu.segmentAccess[number]);
    };
  }

  static void segment(Cpu cpu, int number, SegmentState state) {
    SystemRegisters system = cpu.system;
    switch (number) {
      case SegmentState.GDTR -> {
        system.gdtrBase = state.base();
        system.gdtrLimit = (int) state.limit();
      }
      case SegmentState.IDTR -> {
        system.idtrBase = state.base();
        system.idtrLimit = (int) state.limit();
      }
      case SegmentState.LDTR -> {
        system.ldtrSelector = state.selector();
        system.ldtrBase = state.base();
        system.ldtrLimit = state.limit();
        system.ldtrAccess = state.accessRights();
      }
      case SegmentState.TR -> {
        system.trSelector = state.selector();
        system.trBase = state.base();
        system.trLimit = state.limit();
        system.trAccess = state.accessRights();
      }
      default -> {
        cpu.selector[number] = state.selector();
        cpu.segmentBase[number] = state.base();
        cpu.segmentLimit[number] = state.limit();
        cpu.segmentAccess[number] = state.accessRights();
      }
    }
  }

  /** Whether a change of this register makes translations stale. */
  static boolean translates(Register register) {
    return register == Register.CR0 || register == Register.CR3 || register == Register.CR4;
  }

  /**
   * Works out again what the processor derives from its registers, after they were set.
   *
   * @param translations whether cached translations must go
   */
  static void settle(Cpu cpu, boolean translations) {
    cpu.cpl = cpu.segmentAccess[Cpu.SS] >> 5 & 3;
    ControlRegisters.stateReplaced(cpu, translations);
    cpu.rip = cpu.codeOffset(cpu.rip);
    cpu.nextRip = cpu.rip;
  }
}
