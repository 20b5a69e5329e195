package dev.ringzero.cpu;

import dev.ringzero.cpu.interpreter.Executor;
import dev.ringzero.cpu.level.Level;
import dev.ringzero.cpu.system.BranchRecord;
import dev.ringzero.cpu.system.DebugUnit;
import dev.ringzero.engine.Tracer;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Runs instructions one at a time, where something must be looked at between them: an interrupt
 * shadow, single step, breakpoints of the guest or the monitor, a trace.
 */
final class Stepper {
  private final VirtualCpu owner;
  private final Cpu cpu;
  private final Executor executor;
  private long[] breakpoints = {};
  private boolean singleStep;
  private Tracer tracer;

  /** No instruction has run since the last entry. */
  private boolean first;

  Stepper(VirtualCpu owner, Cpu cpu, Executor executor) {
    this.owner = owner;
    this.cpu = cpu;
    this.executor = executor;
  }

  void breakpoints(long[] gvas) {
    breakpoints = gvas.clone();
  }

  void singleStep(boolean on) {
    singleStep = on;
  }

  /** Instructions are reported to this tracer, if it wants them. */
  void trace(Tracer next) {
    tracer = next != null && next.wantsInstructions() ? next : null;
  }

  /** The vCPU is entered. */
  void begin() {
    first = true;
  }

  /** Whether the next instruction must run alone. */
  boolean needed() {
    return cpu.system.interruptShadow
        || cpu.system.stackShadow
        || DebugUnit.watching(cpu)
        || singleStep
        || breakpoints.length != 0
        || tracer != null
        || cpu.level != null && cpu.level.singleSteps();
  }

  /** Runs one instruction with all checks around it. */
  void step() {
    long linear = linear();
    if (!first && isBreakpoint(linear)) {
      throw cpu.exit(ExitReason.MONITOR_DEBUG, 0, 0);
    }
    first = false;
    if (tracer != null) {
      tracer.instruction(owner, linear, executor.peek());
    }
    stepWithDebugTraps(linear);
  }

  /** The instruction that comes next, null where none can be read. */
  Instruction peek() {
    try {
      return executor.peek();
    } catch (GuestFault | ExitSignal e) {
      return null;
    }
  }

  /** An instruction ran or an exception was delivered: the monitor's single step is done. */
  void end() {
    if (singleStep) {
      throw cpu.exit(ExitReason.MONITOR_DEBUG, 0, 0);
    }
  }

  private void stepWithDebugTraps(long linear) {
    boolean stepped = (cpu.systemFlags & Rflags.TF) != 0;
    boolean branches = BranchRecord.watching(cpu);
    long from = cpu.rip;
    long next = branches ? behind() : 0;
    boolean shadow = cpu.system.interruptShadow;
    boolean stackShadow = cpu.system.stackShadow;
    cpu.system.stackShadowed = stackShadow;
    DebugUnit.beforeInstruction(cpu, linear);
    cpu.system.endShadow();
    cpu.system.debugTrapTaken = false;
    Level level = cpu.level;
    try {
      executor.step();
    } catch (ExitSignal exit) {
      cpu.system.interruptShadow = shadow;
      cpu.system.stackShadow = stackShadow;
      throw exit;
    }
    cpu.system.stackShadowed = false;
    if (cpu.level == level) { // else the trap is due when the inner guest has left
      boolean taken = branches && cpu.rip != next && cpu.rip != from;
      if (taken && (cpu.system.debugctl & BranchRecord.LBR) != 0) {
        cpu.system.branches.branch(from, cpu.rip);
      }
      boolean wanted = taken || (cpu.system.debugctl & BranchRecord.BTF) == 0;
      DebugUnit.afterInstruction(cpu, stepped && wanted);
    }
  }

  /** Address behind the next instruction. */
  private long behind() {
    Instruction instruction = peek();
    return instruction == null ? 0 : cpu.codeOffset(cpu.rip + instruction.length);
  }

  private long linear() {
    return cpu.codeSize == 64 ? cpu.rip : cpu.segmentBase[Cpu.CS] + cpu.rip & 0xFFFF_FFFFL;
  }

  private boolean isBreakpoint(long linear) {
    for (long breakpoint : breakpoints) {
      if (breakpoint == linear) {
        return true;
      }
    }
    return false;
  }
}
