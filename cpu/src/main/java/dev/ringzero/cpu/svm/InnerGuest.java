package dev.ringzero.cpu.svm;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.cpu.level.Intercept;
import dev.ringzero.cpu.level.Level;
import dev.ringzero.cpu.level.LevelExit;
import dev.ringzero.cpu.level.LevelExits;
import dev.ringzero.cpu.level.Spaces;
import dev.ringzero.cpu.paging.Space;
import dev.ringzero.cpu.system.DebugUnit;
import dev.ringzero.cpu.system.Events;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitWords;
import dev.ringzero.x86.PageFaultError;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.SvmExitCode;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.Vmcb;
import dev.ringzero.x86.instruction.Instruction;

/**
 * The guest that VMRUN has entered: what its VMCB asks for, and how it leaves.
 *
 * @spec AMD64 APM Vol. 2, "Secure Virtual Machine"
 */
final class InnerGuest extends Level implements Stateful {
  private static final int FETCHED_BYTES = 15;

  private static final int TASK_SWITCH_IRET = 36;
  private static final int TASK_SWITCH_JUMP = 38;
  private static final int TASK_SWITCH_ERROR_CODE = 44;
  private static final int TASK_SWITCH_RF = 48;

  final Controls controls = new Controls();
  final HostState host;
  final LevelExits exits = ExitReasons.counters();
  private final ControlBlock block;
  private final NestedTables nested = new NestedTables();
  private final PermissionMaps maps;
  private final InstructionIntercepts instructions;
  private final GuestState state;
  private final Spaces spaces;

  private long vmcb;

  /** An INIT signal that is intercepted waits. */
  private boolean initWaits;

  private int lastAsid;
  private long lastRoot;

  // The exit that is under way.
  private int exitCode;
  private long exitInfo1;
  private long exitInfo2;

  /** Address behind the instruction that was intercepted, or 0. */
  private long nextRip;

  InnerGuest(Cpu cpu) {
    super(cpu);
    block = new ControlBlock(cpu);
    host = new HostState(cpu);
    maps = new PermissionMaps(cpu);
    instructions = new InstructionIntercepts(cpu, this, maps);
    state = new GuestState(cpu, block);
    spaces = new Spaces(cpu.mmu);
  }

  // --- in

  /**
   * VMRUN, with its own checks done.
   *
   * @param gpa physical address of the VMCB
   */
  void enter(long gpa) {
    if (!block.open(gpa)) {
      throw cpu.fault(Vector.GP, 0);
    }
    vmcb = gpa;
    controls.read(block);
    boolean tablesHold = !state.needsPdptes(controls) || state.pdptesHold();
    host.save(cpu.nextRip);
    exits.entered(cpu.clock.nanoTime());
    if (!tablesHold || !Consistency.holds(cpu, block, controls)) {
      refuse();
      return;
    }
    flush();
    cpu.system.endShadow();
    cpu.system.interruptShadow = controls.shadow;
    cpu.svm.globalInterruptsSet();
    initWaits = false;
    cpu.level = this;
    nested.root(controls.nestedCr3, cpu.cr0, cpu.cr4, cpu.efer);
    state.load(controls);
    instructions.entered();
    enterSpace();
    if (state.needsPdptes(controls)) {
      cpu.mmu.loadPdptes(cpu.cr3);
    }
    inject(controls.eventInjection);
  }

  private void refuse() {
    exits.left(ExitReasons.number(SvmExitCode.INVALID), cpu.clock.nanoTime());
    block.write64(Vmcb.EXITCODE, SvmExitCode.INVALID);
    block.write64(Vmcb.EXITINFO1, 0);
    block.write64(Vmcb.EXITINFO2, 0);
    block.write64(Vmcb.EXITINTINFO, 0);
    block.close();
    host.load();
    cpu.globalInterrupts = false;
  }

  private void flush() {
    switch (controls.tlbControl) {
      case Vmcb.FLUSH_NOTHING -> {}
      case Vmcb.FLUSH_GUEST, Vmcb.FLUSH_GUEST_NOT_GLOBAL -> flush(controls.asid);
      default -> {
        spaces.flushAll();
        nested.flush();
        cpu.mmu.flushAll();
      }
    }
    long root = root();
    if (controls.asid != lastAsid || root != lastRoot) {
      nested.flush();
      lastAsid = controls.asid;
      lastRoot = root;
    }
  }

  /** Drops what is known under an address-space identifier of guests. */
  void flush(int asid) {
    spaces.flush(asid);
    nested.flush();
  }

  private long root() {
    return controls.nestedPaging() ? controls.nestedCr3 | 1 : 0;
  }

  private void enterSpace() {
    Space space = spaces.of(controls.asid, root());
    if (DebugUnit.armed(cpu)) {
      cpu.mmu.flush(space); // its pages were entered without a look at breakpoints
    }
    cpu.mmu.enterSpace(space, controls.nestedPaging() ? nested : null);
  }

  private void inject(long event) {
    if ((event & Vmcb.EVENT_VALID) == 0) {
      return;
    }
    int vector = (int) event & 0xFF;
    boolean hasErrorCode = (event & Vmcb.EVENT_ERROR_CODE) != 0;
    int errorCode = (int) (event >>> 32);
    switch ((int) (event >>> Vmcb.EVENT_TYPE_SHIFT) & 7) {
      case Vmcb.EVENT_INTERRUPT ->
          cpu.system.pend(vector, Events.Kind.EXTERNAL_INTERRUPT, false, 0);
      case Vmcb.EVENT_NMI -> cpu.system.pend(Vector.NMI, Events.Kind.NMI, false, 0);
      case Vmcb.EVENT_EXCEPTION ->
          cpu.system.pend(
              vector,
              Events.Kind.EXCEPTION,
              hasErrorCode && Vector.hasErrorCode(vector),
              errorCode);
      default -> {
        cpu.system.pend(vector, Events.Kind.SOFTWARE, false, 0);
        long next = block.read64(Vmcb.NRIP);
        cpu.system.pendingLength = (int) (next - cpu.nextRip);
      }
    }
  }

  // --- what is intercepted

  @Override
  public boolean instruction(Intercept what, Instruction i) {
    return instructions.intercept(what, i);
  }

  @Override
  public boolean timeStampPasses(boolean withProcessor) {
    return !controls.intercepts(withProcessor ? SvmExitCode.RDTSCP : SvmExitCode.RDTSC);
  }

  @Override
  public boolean interpretsAll() {
    return controls.intercepts(SvmExitCode.PUSHF) || controls.intercepts(SvmExitCode.POPF);
  }

  @Override
  public void exception(int vector, boolean hasErrorCode, int errorCode) {
    if ((controls.exceptionIntercepts >>> vector & 1) == 0) {
      return;
    }
    long faulting = 0;
    if (vector == Vector.PF) {
      faulting = cpu.cr2;
      cpu.cr2 = cpu.system.previousCr2;
    }
    boolean asked = vector == Vector.BP || vector == Vector.OF;
    throw exit(
        SvmExitCode.EXCEPTION + vector,
        hasErrorCode ? errorCode & 0xFFFF_FFFFL : 0,
        faulting,
        asked ? cpu.nextRip : 0);
  }

  @Override
  public void tripleFault() {
    if (controls.intercepts(SvmExitCode.SHUTDOWN)) {
      cpu.system.pendingKind = null;
      throw exit(SvmExitCode.SHUTDOWN, 0, 0, 0);
    }
  }

  @Override
  public void taskSwitch(
      int selector, TaskSwitchSource source, boolean hasErrorCode, int errorCode) {
    if (!controls.intercepts(SvmExitCode.TASK_SWITCH)) {
      return;
    }
    long info = errorCode & 0xFFFF_FFFFL;
    info |= source == TaskSwitchSource.IRET ? 1L << TASK_SWITCH_IRET : 0;
    info |= source == TaskSwitchSource.JUMP ? 1L << TASK_SWITCH_JUMP : 0;
    info |= hasErrorCode ? 1L << TASK_SWITCH_ERROR_CODE : 0;
    info |= (cpu.systemFlags & Rflags.RF) != 0 ? 1L << TASK_SWITCH_RF : 0;
    throw exit(SvmExitCode.TASK_SWITCH, selector, info, 0);
  }

  @Override
  public ExitSignal nestedFault(long gpa, long linear, long access, NestedFaultPlace place) {
    long where = place == NestedFaultPlace.FINAL ? Vmcb.NPF_FINAL : Vmcb.NPF_TABLE;
    return exit(SvmExitCode.NPF, nested.errorCode | where, gpa, 0);
  }

  /** Where the monitor finds a physical address of its guest's. */
  long locate(long gpa) {
    if (!controls.nestedPaging()) {
      return gpa;
    }
    if (!nested.walk(gpa, Ept.READ | Ept.WRITE, false)) {
      throw nestedFault(gpa, 0, Ept.READ | Ept.WRITE, NestedFaultPlace.FINAL);
    }
    return nested.gpa;
  }

  // --- interrupts

  @Override
  public void takeEvents() {
    if (initWaits) {
      initWaits = false;
      throw exit(SvmExitCode.INIT, 0, 0, 0);
    }
    if (cpu.nmiWaits && !cpu.system.nmiBlocked && controls.intercepts(SvmExitCode.NMI)) {
      throw exit(SvmExitCode.NMI, 0, 0, 0);
    }
    if (cpu.interruptWaits && controls.intercepts(SvmExitCode.INTR) && monitorsFlag()) {
      if (cpu.interrupts.pending()) {
        throw exit(SvmExitCode.INTR, 0, 0, 0);
      }
      cpu.interruptWaits = false;
    }
    if (controls.virtualInterruptPending() && guestInterruptible()) {
      if (controls.intercepts(SvmExitCode.VINTR)) {
        throw exit(SvmExitCode.VINTR, 0, 0, 0);
      }
      controls.virtualInterrupt &= ~Vmcb.V_IRQ;
      int vector = (int) (controls.virtualInterrupt >>> Vmcb.V_INTR_VECTOR_SHIFT) & 0xFF;
      Events.deliver(cpu, vector, Events.Kind.EXTERNAL_INTERRUPT);
    }
  }

  @Override
  public void systemManagement() {
    if (controls.intercepts(SvmExitCode.SMI)) {
      throw exit(SvmExitCode.SMI, 0, 0, 0);
    }
  }

  /** INIT, while GIF is set; false if it is not intercepted. */
  boolean initSignal() {
    initWaits = controls.intercepts(SvmExitCode.INIT);
    return initWaits;
  }

  /** Whether interrupts of the processor's own are enabled: by whose IF depends. */
  private boolean monitorsFlag() {
    long flags = controls.masksInterrupts() ? host.flags() : cpu.systemFlags;
    return (flags & Rflags.IF) != 0;
  }

  private boolean guestInterruptible() {
    return (cpu.systemFlags & Rflags.IF) != 0
        && !cpu.system.interruptShadow
        && !cpu.system.stackShadow;
  }

  @Override
  public boolean interruptible() {
    return monitorsFlag()
        && !controls.intercepts(SvmExitCode.INTR)
        && !cpu.system.interruptShadow
        && !cpu.system.stackShadow;
  }

  @Override
  public boolean interruptWaits() {
    return (controls.virtualInterrupt & Vmcb.V_IRQ) != 0;
  }

  @Override
  public boolean wakes() {
    boolean virtual = controls.virtualInterruptPending() && (cpu.systemFlags & Rflags.IF) != 0;
    return virtual || initWaits || monitorsFlag() && cpu.interrupts.pending();
  }

  @Override
  public long timeStamp(long monitors) {
    long ratio = cpu.svm.tscRatio();
    long scaled =
        ratio == SvmUnit.TSC_RATIO_ONE
            ? monitors
            : Math.unsignedMultiplyHigh(monitors, ratio) << 32 | monitors * ratio >>> 32;
    return scaled + controls.tscOffset;
  }

  // --- out

  /**
   * Prepares the exit: throw what it returns.
   *
   * @param next address behind the intercepted instruction, 0 where none was
   */
  LevelExit exit(int code, long info1, long info2, long next) {
    exitCode = code;
    exitInfo1 = info1;
    exitInfo2 = info2;
    nextRip = next;
    return cpu.leaveLevel();
  }

  @Override
  public void leave() {
    block.open(vmcb);
    saveFetchedBytes();
    exits.left(ExitReasons.number(exitCode), cpu.clock.nanoTime());
    block.write64(Vmcb.EXITCODE, exitCode);
    block.write64(Vmcb.EXITINFO1, exitInfo1);
    block.write64(Vmcb.EXITINFO2, exitInfo2);
    block.write64(Vmcb.EXITINTINFO, interruptedEvent());
    block.write64(Vmcb.EVENTINJ, controls.eventInjection & ~Vmcb.EVENT_VALID);
    block.write64(Vmcb.NRIP, nextRip);
    block.write64(Vmcb.VIRTUAL_INTERRUPT, controls.virtualInterrupt);
    boolean shadow = cpu.system.interruptShadow || cpu.system.stackShadow;
    block.write64(Vmcb.INTERRUPT_SHADOW, shadow ? 1 : 0);
    state.save(controls);
    block.close();
    cpu.system.endShadow();
    cpu.level = null;
    cpu.globalInterrupts = false;
    host.load();
    if (controls.virtualBranches()) {
      host.loadBranches();
    }
    cpu.mmu.leaveSpace();
    if ((host.flags() & Rflags.TF) != 0) {
      DebugUnit.afterEmulation(cpu); // the trap of a single-stepped VMRUN
    }
  }

  @Override
  public String lastExit() {
    String more = ExitWords.ofSvm(exitCode, exitInfo1, exitInfo2);
    return SvmExitCode.name(exitCode) + (more.isEmpty() ? "" : " " + more);
  }

  /** The event whose delivery the exit interrupts; the processor forgets it. */
  private long interruptedEvent() {
    Events.Kind kind = cpu.system.pendingKind;
    if (kind == null) {
      return 0;
    }
    cpu.system.pendingKind = null;
    int type =
        switch (kind) {
          case EXTERNAL_INTERRUPT -> Vmcb.EVENT_INTERRUPT;
          case NMI -> Vmcb.EVENT_NMI;
          case EXCEPTION, DEBUG_TRAP, PRIVILEGED_SOFTWARE -> Vmcb.EVENT_EXCEPTION;
          case SOFTWARE -> Vmcb.EVENT_SOFTWARE;
        };
    long code =
        cpu.system.pendingHasErrorCode
            ? Vmcb.EVENT_ERROR_CODE | (long) cpu.system.pendingErrorCode << 32
            : 0;
    long vector = cpu.system.pendingVector;
    return Vmcb.EVENT_VALID | code | (long) type << Vmcb.EVENT_TYPE_SHIFT | vector;
  }

  /** Decode assist: the bytes of an instruction whose data access is to be emulated. */
  private void saveFetchedBytes() {
    int count = 0;
    boolean fetch = (exitInfo1 & PageFaultError.ID) != 0;
    boolean memory = exitCode == SvmExitCode.NPF || exitCode == SvmExitCode.EXCEPTION + Vector.PF;
    if (memory && !fetch) {
      long linear = cpu.codeSize == 64 ? cpu.rip : cpu.segmentBase[Cpu.CS] + cpu.rip & 0xFFFF_FFFFL;
      count = (int) Math.min(FETCHED_BYTES, 4096 - (linear & 4095));
      long code = cpu.mmu.peekMachine(linear);
      for (int n = 0; code >= 0 && n < count; n++) {
        block.write8(Vmcb.FETCHED_BYTES + 1 + n, (int) MachineMemory.read8(code + n));
      }
      count = code < 0 ? 0 : count;
    }
    block.write8(Vmcb.FETCHED_BYTES, count);
  }

  // --- state

  /** After a restore: the guest runs on. */
  void resume() {
    nested.root(controls.nestedCr3, host.cr0(), host.cr4(), host.efer());
    nested.flush();
    spaces.flushAll();
    cpu.level = this;
    instructions.entered();
    enterSpace();
  }

  @Override
  public String stateName() {
    return "guest";
  }

  @Override
  public int stateVersion() {
    return 2;
  }

  @Override
  public void save(StateWriter out) {
    out.writeLongs(controls.toLongs());
    out.writeLong(vmcb);
    out.writeInt(exitCode);
    out.writeLong(exitInfo1);
    out.writeLong(exitInfo2);
    out.writeLong(nextRip);
    out.writeBoolean(initWaits);
    out.writeUnit(host);
  }

  @Override
  public void restore(StateReader in, int version) {
    long[] saved = controls.toLongs();
    in.readLongs(saved);
    controls.fromLongs(saved);
    vmcb = in.readLong();
    exitCode = in.readInt();
    exitInfo1 = in.readLong();
    exitInfo2 = in.readLong();
    nextRip = in.readLong();
    initWaits = in.readBoolean();
    in.readUnit(host);
  }
}
