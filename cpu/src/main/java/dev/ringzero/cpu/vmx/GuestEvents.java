package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.system.DebugUnit;
import dev.ringzero.cpu.system.Events;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.InterruptionInformation;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.vmx.ExitControls;
import dev.ringzero.x86.vmx.PinBasedControls;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * Exceptions, interrupts, windows and timers of a guest: which of them exit, by their priority.
 *
 * @spec Intel SDM Vol. 3C, "Other Causes of VM Exits"; "Changes to Instruction Behavior in VMX
 *     Non-Root Operation"
 */
final class GuestEvents implements Stateful {
  private final Cpu cpu;
  private final VmxLevel level;
  private final ExitRecord exits;

  /** A value of the activity-state field. */
  int activity;

  /** An MTF exit waits: the guest has run an instruction since the entry, or it was injected. */
  boolean trapFlag;

  /** An exit that waits for the end of the running instruction, or null. */
  private ExitReason trap;

  private long trapQualification;

  /** Time-stamp counter at which the preemption timer is at zero. */
  private long timerEnd;

  private Clock.Alarm timerAlarm;

  GuestEvents(Cpu cpu, VmxLevel level) {
    this.cpu = cpu;
    this.level = level;
    this.exits = level.exits;
  }

  // Entry and exit.

  void begin() {
    Vmcs vmcs = level.vmx.vmcs;
    activity = vmcs.get32(VmcsField.GUEST_ACTIVITY);
    trapFlag = false;
    trap = null;
    level.virtualApic.begin();
    if (level.pin(PinBasedControls.PREEMPTION_TIMER)) {
      startTimer(vmcs.get(VmcsField.PREEMPTION_TIMER) << VmxCapabilities.PREEMPTION_TIMER_SHIFT);
    }
    inject(vmcs);
  }

  private void inject(Vmcs vmcs) {
    int information = vmcs.get32(VmcsField.ENTRY_INTERRUPTION_INFORMATION);
    if (information >= 0) {
      return;
    }
    activity = Activity.ACTIVE;
    DebugUnit.waitingTraps(cpu, 0);
    trapFlag = level.processor(ProcessorControls.MONITOR_TRAP_FLAG);
    int type = information >>> InterruptionInformation.TYPE_SHIFT & 7;
    if (type == InterruptionInformation.OTHER_EVENT) {
      trapFlag = true;
      return;
    }
    boolean hasCode = (information & InterruptionInformation.ERROR_CODE_VALID) != 0;
    cpu.system.pend(
        information & InterruptionInformation.VECTOR,
        ExitRecord.kind(type),
        hasCode,
        hasCode ? vmcs.get32(VmcsField.ENTRY_EXCEPTION_ERROR_CODE) : 0);
    if (type >= InterruptionInformation.SOFTWARE_INTERRUPT) {
      cpu.system.pendingLength = vmcs.get32(VmcsField.ENTRY_INSTRUCTION_LENGTH);
    }
  }

  private void startTimer(long ticks) {
    timerEnd = cpu.clock.tsc() + ticks;
    long nanos =
        Math.multiplyHigh(ticks, (1_000_000_000L << 32) / cpu.clock.tscHertz()) << 32
            | ticks * ((1_000_000_000L << 32) / cpu.clock.tscHertz()) >>> 32;
    timerAlarm = cpu.clock.schedule(cpu.clock.nanoTime() + nanos, level::look);
  }

  /** The guest is left. */
  void end() {
    if (!level.pin(PinBasedControls.PREEMPTION_TIMER)) {
      return;
    }
    timerAlarm.cancel();
    Vmcs vmcs = level.vmx.vmcs;
    int exit = vmcs.get32(VmcsField.EXIT_CONTROLS);
    if ((exit & ExitControls.SAVE_PREEMPTION_TIMER) != 0) {
      long left = Math.max(0, timerEnd - cpu.clock.tsc());
      vmcs.set(VmcsField.PREEMPTION_TIMER, left >>> VmxCapabilities.PREEMPTION_TIMER_SHIFT);
    }
  }

  /** The guest is gone, and nobody asks about its state. */
  void abandon() {
    if (timerAlarm != null) {
      timerAlarm.cancel();
    }
  }

  // State.

  @Override
  public String stateName() {
    return "guest";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public void save(StateWriter out) {
    out.writeInt(activity);
    out.writeBoolean(trapFlag);
    out.writeInt(trap == null ? -1 : trap.ordinal());
    out.writeLong(trapQualification);
    boolean timed = level.pin(PinBasedControls.PREEMPTION_TIMER);
    out.writeLong(timed ? Math.max(0, timerEnd - cpu.clock.tsc()) : 0);
  }

  @Override
  public void restore(StateReader in, int version) {
    activity = in.readInt();
    trapFlag = in.readBoolean();
    trap = reason(in.readInt());
    trapQualification = in.readLong();
    long left = in.readLong();
    if (level.pin(PinBasedControls.PREEMPTION_TIMER)) {
      startTimer(left);
    }
  }

  private static ExitReason reason(int ordinal) {
    ExitReason[] reasons = ExitReason.values();
    if (ordinal < -1 || ordinal >= reasons.length) {
      throw new StateException("an exit of unknown reason " + ordinal);
    }
    return ordinal < 0 ? null : reasons[ordinal];
  }

  // Between instructions.

  /** The guest exits when the running instruction is done. */
  void trap(ExitReason reason, long qualification) {
    trap = reason;
    trapQualification = qualification;
  }

  /** Whether an external interrupt that does not exit can be delivered to the guest. */
  boolean interruptible() {
    return (cpu.systemFlags & Rflags.IF) != 0
        && !cpu.system.interruptShadow
        && !cpu.system.stackShadow;
  }

  private boolean timerExpired() {
    return level.pin(PinBasedControls.PREEMPTION_TIMER) && cpu.clock.tsc() - timerEnd >= 0;
  }

  /** Whether something would end the guest's HLT or another inactive state. */
  boolean wakes() {
    boolean window =
        level.processor(ProcessorControls.INTERRUPT_WINDOW_EXITING)
            && (cpu.systemFlags & Rflags.IF) != 0;
    boolean virtual = level.virtualApic.recognized() && (cpu.systemFlags & Rflags.IF) != 0;
    return trap != null
        || window
        || virtual
        || timerExpired()
        || trapFlag
        || level.pin(PinBasedControls.EXTERNAL_INTERRUPT_EXITING) && cpu.interrupts.pending();
  }

  void take() {
    if (trap != null) {
      ExitReason reason = trap;
      trap = null;
      throw exits.exit(reason, trapQualification, 0);
    }
    if (trapFlag) {
      trapFlag = false;
      throw exits.exit(ExitReason.MONITOR_TRAP_FLAG, 0, 0);
    }
    if (DebugUnit.waitingTraps(cpu) != 0 && !cpu.system.stackShadow) {
      activity = Activity.ACTIVE;
      DebugUnit.deliverTraps(cpu);
    }
    if (timerExpired() && activity != Activity.WAIT_FOR_SIPI) {
      throw exits.exit(ExitReason.PREEMPTION_TIMER, 0, 0);
    }
    takeNmi();
    if (level.processor(ProcessorControls.INTERRUPT_WINDOW_EXITING) && interruptible()) {
      throw exits.exit(ExitReason.INTERRUPT_WINDOW, 0, 0);
    }
    takeInterrupt();
    if (level.virtualApic.recognized() && interruptible() && activity <= Activity.HLT) {
      activity = Activity.ACTIVE;
      Events.deliver(cpu, level.virtualApic.acknowledge(), Events.Kind.EXTERNAL_INTERRUPT);
    }
    if (activity != Activity.ACTIVE) {
      stayInactive();
    }
    trapFlag = level.processor(ProcessorControls.MONITOR_TRAP_FLAG);
  }

  private void takeNmi() {
    boolean shadow = cpu.system.stackShadow;
    if (level.processor(ProcessorControls.NMI_WINDOW_EXITING)
        && !cpu.system.nmiBlocked
        && !shadow) {
      throw exits.exit(ExitReason.NMI_WINDOW, 0, 0);
    }
    if (cpu.nmiWaits && level.pin(PinBasedControls.NMI_EXITING) && !shadow) {
      cpu.nmiWaits = false;
      throw exits.event(ExitReason.EXCEPTION_OR_NMI, 0, InterruptionInformation.NMI, Vector.NMI);
    }
  }

  private void takeInterrupt() {
    if (!cpu.interruptWaits || !level.pin(PinBasedControls.EXTERNAL_INTERRUPT_EXITING)) {
      return;
    }
    if (!cpu.interrupts.pending()) {
      cpu.interruptWaits = false;
      return;
    }
    int exit = level.vmx.vmcs.get32(VmcsField.EXIT_CONTROLS);
    if ((exit & ExitControls.ACKNOWLEDGE_INTERRUPT) == 0) {
      throw exits.exit(ExitReason.EXTERNAL_INTERRUPT, 0, 0);
    }
    int vector = cpu.interrupts.acknowledge();
    cpu.interruptWaits = vector >= 0 && cpu.interrupts.pending();
    if (vector >= 0 && notifies(vector)) {
      cpu.interrupts.endOfInterrupt();
      level.virtualApic.takePosted();
      return;
    }
    if (vector >= 0) {
      throw exits.event(
          ExitReason.EXTERNAL_INTERRUPT, 0, InterruptionInformation.EXTERNAL_INTERRUPT, vector);
    }
  }

  /** Whether an interrupt tells that others have posted interrupts for the guest. */
  private boolean notifies(int vector) {
    return level.pin(PinBasedControls.POSTED_INTERRUPTS)
        && vector == level.vmx.vmcs.get(VmcsField.POSTED_INTERRUPT_NOTIFICATION_VECTOR);
  }

  /** Nothing has ended the guest's HLT or shutdown yet: the processor waits. */
  private void stayInactive() {
    boolean halted = activity == Activity.HLT;
    if (halted && (cpu.nmiWaits || cpu.interruptWaits && interruptible())) {
      activity = Activity.ACTIVE;
      return;
    }
    throw cpu.exit(ExitReason.HLT, 0, 0);
  }

  // Exceptions.

  void exception(int vector, boolean hasErrorCode, int errorCode) {
    if (!wanted(vector, errorCode)) {
      return;
    }
    boolean software = vector == Vector.BP || vector == Vector.OF;
    boolean privileged = cpu.system.offeredKind == Events.Kind.PRIVILEGED_SOFTWARE;
    cpu.system.offeredKind = Events.Kind.EXCEPTION;
    int type =
        software
            ? InterruptionInformation.SOFTWARE_EXCEPTION
            : privileged
                ? InterruptionInformation.PRIVILEGED_SOFTWARE_EXCEPTION
                : InterruptionInformation.HARDWARE_EXCEPTION;
    exits.event(ExitReason.EXCEPTION_OR_NMI, qualification(vector), type, vector);
    if (hasErrorCode) {
      exits.errorCode(errorCode);
    }
    exits.fault = !software && vector != Vector.DB;
    exits.instructionLength = software || privileged ? (int) (cpu.nextRip - cpu.rip) : 0;
    switch (vector) {
      case Vector.PF -> cpu.cr2 = cpu.system.previousCr2;
      case Vector.DB -> DebugUnit.withdraw(cpu);
      default -> {}
    }
    throw cpu.leaveLevel();
  }

  private boolean wanted(int vector, int errorCode) {
    Vmcs vmcs = level.vmx.vmcs;
    boolean bit = (vmcs.get32(VmcsField.EXCEPTION_BITMAP) >>> vector & 1) != 0;
    if (vector != Vector.PF) {
      return bit;
    }
    int mask = vmcs.get32(VmcsField.PAGE_FAULT_ERROR_CODE_MASK);
    boolean match = (errorCode & mask) == vmcs.get32(VmcsField.PAGE_FAULT_ERROR_CODE_MATCH);
    return bit == match;
  }

  private long qualification(int vector) {
    return switch (vector) {
      case Vector.PF -> cpu.cr2;
      case Vector.DB -> DebugUnit.causes(cpu);
      default -> 0;
    };
  }
}
