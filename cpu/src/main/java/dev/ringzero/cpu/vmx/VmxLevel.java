package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Attention;
import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.cpu.level.Intercept;
import dev.ringzero.cpu.level.Level;
import dev.ringzero.cpu.level.LevelExits;
import dev.ringzero.cpu.level.Spaces;
import dev.ringzero.cpu.paging.Space;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * VMX non-root operation: what the controls of the current VMCS ask for while its guest runs.
 *
 * @spec Intel SDM Vol. 3C, "VMX Non-Root Operation"
 */
final class VmxLevel extends Level {
  private static final long NO_EPT = 0;
  private static final int MOST_REASONS = 128; // basic exit reasons of the manual's are below

  final Vmx vmx;
  final ExitRecord exits;
  final EptWalk ept;
  final GuestState guest;
  final HostState hostState;
  final VirtualApic virtualApic;
  final ApicAccess apicAccess;
  final GuestEvents events;
  final ControlChecks controlChecks;
  final HostStateChecks hostChecks;
  final GuestStateChecks guestChecks;
  final LevelExits counters = new LevelExits(reasonNames());
  private final InstructionExits instructions;
  private final VirtualizationException exception;
  private final Spaces spaces;

  // The controls, as of the entry.
  private int pin;
  private int processor;
  private int secondary;
  private long tscOffset;
  private long tscMultiplier;

  VmxLevel(Cpu cpu, Vmx vmx) {
    super(cpu);
    this.vmx = vmx;
    exits = new ExitRecord(cpu);
    ept = new EptWalk(new Pml(vmx));
    guest = new GuestState(cpu, vmx.vmcs);
    hostState = new HostState(cpu, vmx.vmcs);
    controlChecks = new ControlChecks(vmx);
    hostChecks = new HostStateChecks(cpu, vmx.vmcs);
    guestChecks = new GuestStateChecks(cpu, vmx);
    virtualApic = new VirtualApic(this);
    apicAccess = new ApicAccess(cpu, this);
    events = new GuestEvents(cpu, this);
    instructions = new InstructionExits(cpu, this);
    exception = new VirtualizationException(cpu, this);
    spaces = new Spaces(cpu.mmu);
  }

  private static String[] reasonNames() {
    String[] names = new String[MOST_REASONS];
    for (ExitReason reason : ExitReason.values()) {
      if (reason.number() < MOST_REASONS) {
        names[reason.number()] = reason.name();
      }
    }
    return names;
  }

  boolean pin(int bit) {
    return (pin & bit) != 0;
  }

  boolean processor(int bit) {
    return (processor & bit) != 0;
  }

  boolean secondary(int bit) {
    return (secondary & bit) != 0;
  }

  // Entry.

  /** Takes the controls over. */
  void begin() {
    Vmcs vmcs = vmx.vmcs;
    pin = vmcs.get32(VmcsField.PIN_BASED_CONTROLS);
    processor = vmcs.get32(VmcsField.PROCESSOR_CONTROLS);
    boolean activated = processor(ProcessorControls.SECONDARY_CONTROLS);
    secondary = activated ? vmcs.get32(VmcsField.SECONDARY_CONTROLS) : 0;
    tscOffset = processor(ProcessorControls.TSC_OFFSETTING) ? vmcs.get(VmcsField.TSC_OFFSET) : 0;
    tscMultiplier =
        processor(ProcessorControls.TSC_OFFSETTING) && secondary(SecondaryControls.TSC_SCALING)
            ? vmcs.get(VmcsField.TSC_MULTIPLIER)
            : 0;
    apicAccess.begin();
    instructions.begin();
  }

  /** The registers are the guest's: from now on its addresses are translated. */
  void enterSpace() {
    boolean extended = secondary(SecondaryControls.EPT);
    long root = extended ? vmx.vmcs.get(VmcsField.EPT_POINTER) : NO_EPT;
    long vpid =
        secondary(SecondaryControls.VPID)
            ? vmx.vmcs.get(VmcsField.VIRTUAL_PROCESSOR_IDENTIFIER)
            : 0;
    Space space = spaces.of(vpid, root & Ept.ADDRESS);
    if (vpid == 0 || space.virtualPage != apicAccess.key()) {
      space.virtualPage = apicAccess.key();
      cpu.mmu.flush(space);
    }
    if (extended) {
      ept.pointer(root);
    }
    cpu.level = this;
    cpu.mmu.enterSpace(space, extended ? ept : null);
  }

  /** After a restore: the guest runs on. */
  void resume() {
    begin();
    forgetAll();
    enterSpace();
  }

  /** Makes the processor look at the guest's events soon. Any thread. */
  void look() {
    cpu.attention.raise(Attention.INTERRUPT);
    cpu.wakeListener.run();
  }

  /** The guest's time stands still for it: its time-stamp counter is its monitor's again. */
  void endTime() {
    tscOffset = 0;
    tscMultiplier = 0;
  }

  // Invalidation.

  void forgetAll() {
    spaces.flushAll();
    ept.flush();
  }

  void forgetEpt(long pointer) {
    spaces.flushRoot(pointer & Ept.ADDRESS);
    ept.flush();
  }

  void forgetVpid(int vpid) {
    spaces.flush(vpid);
  }

  // What the guest does.

  @Override
  public boolean instruction(Intercept what, Instruction i) {
    return instructions.intercept(what, i);
  }

  @Override
  public void exception(int vector, boolean hasErrorCode, int errorCode) {
    if (vector == Vector.VE) {
      exception.record();
    }
    events.exception(vector, hasErrorCode, errorCode);
  }

  @Override
  public void tripleFault() {
    throw exits.exit(ExitReason.TRIPLE_FAULT, 0, 0);
  }

  @Override
  public void taskSwitch(
      int selector, TaskSwitchSource source, boolean hasErrorCode, int errorCode) {
    long kind =
        switch (source) {
          case CALL -> 0;
          case IRET -> 1;
          case JUMP -> 2;
          case GATE -> 3;
        };
    int length = source == TaskSwitchSource.GATE ? 0 : (int) (cpu.nextRip - cpu.rip);
    throw exits.exit(ExitReason.TASK_SWITCH, selector | kind << 30, length);
  }

  @Override
  public void takeEvents() {
    events.take();
  }

  @Override
  public boolean interruptible() {
    return events.interruptible();
  }

  @Override
  public boolean interruptWaits() {
    return processor(ProcessorControls.INTERRUPT_WINDOW_EXITING) || virtualApic.recognized();
  }

  @Override
  public boolean wakes() {
    return events.wakes();
  }

  @Override
  public long timeStamp(long monitors) {
    long scaled =
        tscMultiplier == 0
            ? monitors
            : Math.unsignedMultiplyHigh(monitors, tscMultiplier) << 16
                | monitors * tscMultiplier >>> 48;
    return scaled + tscOffset;
  }

  @Override
  public boolean timeStampPasses(boolean withProcessor) {
    return !processor(ProcessorControls.RDTSC_EXITING)
        && (!withProcessor || secondary(SecondaryControls.RDTSCP));
  }

  @Override
  public boolean takesDebugTraps() {
    return true;
  }

  @Override
  public boolean singleSteps() {
    return processor(ProcessorControls.MONITOR_TRAP_FLAG) || apicAccess.alone();
  }

  @Override
  public boolean virtualizes(long gpa) {
    return apicAccess.covers(gpa);
  }

  @Override
  public long readVirtual(long gpa, int sizeBytes) {
    return apicAccess.read(gpa, sizeBytes);
  }

  @Override
  public void writeVirtual(long gpa, int sizeBytes, long value) {
    apicAccess.write(gpa, sizeBytes, value);
  }

  @Override
  public ExitSignal fetchVirtual(long gpa) {
    return apicAccess.fetch(gpa);
  }

  @Override
  public ExitSignal nestedFault(long gpa, long linear, long access, NestedFaultPlace place) {
    if (ept.misconfigured) {
      exits.exit(ExitReason.EPT_MISCONFIGURATION, 0, 0);
    } else {
      long qualification = access | (ept.rights & Ept.RIGHTS) << Ept.QUALIFICATION_RIGHTS_SHIFT;
      qualification |= Ept.QUALIFICATION_LINEAR_VALID;
      if (place == NestedFaultPlace.FINAL) {
        qualification |= Ept.QUALIFICATION_FINAL;
      }
      if (exception.convertible()) {
        exception.remember(qualification, linear, gpa);
        throw cpu.fault(Vector.VE);
      }
      exits.exit(ExitReason.EPT_VIOLATION, qualification, 0);
    }
    exits.gpa = gpa;
    exits.linear = linear;
    return cpu.leaveLevel();
  }

  @Override
  public String lastExit() {
    return exits.words();
  }

  @Override
  public void leave() {
    VmExits.leave(cpu, this);
  }
}
