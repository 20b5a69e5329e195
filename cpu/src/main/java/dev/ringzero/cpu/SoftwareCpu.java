package dev.ringzero.cpu;

import dev.ringzero.cpu.interpreter.Executor;
import dev.ringzero.cpu.level.Level;
import dev.ringzero.cpu.level.LevelExit;
import dev.ringzero.cpu.level.LevelRestart;
import dev.ringzero.cpu.system.DebugUnit;
import dev.ringzero.cpu.system.Events;
import dev.ringzero.cpu.system.ModelSpecificRegisters;
import dev.ringzero.cpu.system.ProcessorReset;
import dev.ringzero.engine.CpuStatistics;
import dev.ringzero.engine.ExitCounters;
import dev.ringzero.engine.InnerExits;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.ShortCalls;
import dev.ringzero.engine.Tracer;
import dev.ringzero.engine.TranslatedBlock;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.VmExit;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A virtual processor of the {@link SoftwareEngine}: takes events between instructions. */
final class SoftwareCpu implements VirtualCpu {
  /** CPUID.1:EAX, which EDX holds after a reset. */
  private static final int SIGNATURE = 0x600;

  private final Cpu cpu;
  private final Executor executor;
  private final Stepper stepper;
  private final CpuState state;
  private Tracer tracer;
  private ShortCalls shortCalls;

  /** The monitor changed registers since the last run. */
  private boolean unsettled;

  /** And translations depend on what it changed. */
  private boolean untranslated;

  /** An inner guest goes back to its monitor, and that is not done yet. */
  private final AtomicInteger nmisRaised = new AtomicInteger();

  private boolean levelExit;

  /** A system-management interrupt has arrived. */
  private volatile boolean managementWaits;

  private boolean exited;
  private long exitNanos;

  SoftwareCpu(Cpu cpu, Executor executor) {
    this.cpu = cpu;
    this.executor = executor;
    this.stepper = new Stepper(this, cpu, executor);
    this.state = new CpuState(cpu);
    reset(false);
  }

  @Override
  public int id() {
    return cpu.id;
  }

  @Override
  public ExitReason run() {
    countExit();
    settle();
    cpu.mmu.enter();
    try {
      stepper.begin();
      while (!cpu.exitWaits) {
        runToLevel();
      }
      cpu.exitWaits = false;
      return exited();
    } catch (ExitSignal signal) {
      return exited();
    } finally {
      cpu.mmu.leave();
    }
  }

  /** Runs on, in an inner guest as far as to its monitor. */
  private void runToLevel() {
    try {
      runToEvent();
    } catch (LevelExit exit) {
      levelExit = true;
    } catch (LevelRestart restart) {
      return;
    }
    if (levelExit) {
      if (tracer != null) {
        tracer.innerExit(this, cpu.level.lastExit(), stepper.peek());
      }
      cpu.level.leave();
      levelExit = false;
    }
  }

  private void runToEvent() {
    if (levelExit) {
      return;
    }
    if (cpu.attention.raised()) {
      attend();
    }
    if (cpu.system.eventPending()) {
      Events.deliverPending(cpu);
    }
    takeEvents();
    try {
      runInstructions();
    } catch (GuestFault fault) {
      if (tracer != null) {
        tracer.event(this, fault.vector, false, fault.errorCode);
      }
      Events.raise(cpu, fault);
    }
    stepper.end();
  }

  private void runInstructions() {
    if (stepper.needed()) {
      stepper.step();
    } else {
      // RF holds for one instruction, and matters only to breakpoints.
      cpu.systemFlags &= ~Rflags.RF;
      executor.run();
    }
  }

  private void attend() {
    cpu.attention.clear(Attention.REVOKE); // it may come after what it announces was served
    cpu.mmu.poll();
    cpu.mmu.check();
    if (cpu.attention.clear(Attention.STOP) != 0) {
      throw cpu.exit(ExitReason.STOP_REQUESTED, 0, 0);
    }
    if (cpu.attention.clear(Attention.TABLES) != 0) {
      throw cpu.mmu.notice();
    }
    int raised = cpu.attention.clear(Attention.INTERRUPT | Attention.NMI | Attention.RELOAD);
    cpu.interruptWaits |= (raised & Attention.INTERRUPT) != 0;
    int nmis = (raised & Attention.NMI) != 0 ? nmisRaised.getAndSet(0) : 0;
    if (nmis > 0) {
      cpu.nmiQueued |= (cpu.nmiWaits || nmis > 1) && !cpu.system.nmiBlocked;
      cpu.nmiWaits = true;
    }
  }

  private void takeEvents() {
    if (!cpu.globalInterrupts) {
      return;
    }
    if (managementWaits) {
      managementWaits = false;
      if (cpu.level != null) {
        cpu.level.systemManagement();
      }
    }
    if (cpu.level != null) {
      cpu.level.takeEvents();
    }
    if (cpu.nmiQueued && !cpu.nmiWaits) {
      cpu.nmiQueued = false;
      cpu.nmiWaits = true;
    }
    boolean shadow = cpu.system.stackShadow || cpu.system.interruptShadow;
    if (cpu.nmiWaits && !cpu.system.nmiBlocked && !shadow) {
      cpu.nmiWaits = cpu.nmiQueued;
      cpu.nmiQueued = false;
      deliver(Vector.NMI, Events.Kind.NMI);
    }
    if (cpu.interruptWaits && interruptible()) {
      int vector = cpu.interrupts.acknowledge();
      cpu.interruptWaits = vector >= 0 && cpu.interrupts.pending();
      if (vector >= 0) {
        deliver(vector, Events.Kind.EXTERNAL_INTERRUPT);
      }
    }
  }

  private void deliver(int vector, Events.Kind kind) {
    if (tracer != null) {
      tracer.event(this, vector, kind == Events.Kind.EXTERNAL_INTERRUPT, 0);
    }
    Events.deliver(cpu, vector, kind);
  }

  private boolean interruptible() {
    if (cpu.level != null) {
      return cpu.level.interruptible();
    }
    return (cpu.systemFlags & Rflags.IF) != 0
        && !cpu.system.interruptShadow
        && !cpu.system.stackShadow;
  }

  private ExitReason exited() {
    exited = true;
    exitNanos = cpu.clock.nanoTime();
    if (tracer != null) {
      tracer.exit(this, cpu.exit.reason, cpu.exit.qualification, cpu.exit.gpa);
    }
    return cpu.exit.reason;
  }

  private void countExit() {
    if (exited) {
      cpu.exits.add(cpu.exit.reason, cpu.clock.nanoTime() - exitNanos);
      exited = false;
    }
  }

  private void settle() {
    if (unsettled) {
      RegisterAccess.settle(cpu, untranslated);
      unsettled = false;
      untranslated = false;
    }
  }

  @Override
  public VmExit exit() {
    return cpu.exit;
  }

  @Override
  public void requestStop() {
    cpu.attention.raise(Attention.STOP);
  }

  @Override
  public void interruptPending() {
    cpu.attention.raise(Attention.INTERRUPT);
  }

  @Override
  public void nonMaskableInterrupt() {
    nmisRaised.incrementAndGet();
    cpu.attention.raise(Attention.NMI);
  }

  @Override
  public void systemManagementInterrupt() {
    managementWaits = true;
    cpu.attention.raise(Attention.INTERRUPT);
  }

  @Override
  public boolean wakes() {
    if (!cpu.globalInterrupts) {
      return false;
    }
    Level level = cpu.level;
    return cpu.nmiWaits
        || managementWaits && level != null
        || cpu.attention.raised(Attention.NMI)
        || level != null && level.wakes()
        || (cpu.systemFlags & Rflags.IF) != 0 && cpu.interrupts.pending();
  }

  @Override
  public InitSignal initSignal() {
    return cpu.svm.present() ? cpu.svm.initSignal() : cpu.vmx.initSignal();
  }

  @Override
  public boolean startupSignal(int vector) {
    return cpu.vmx.startupSignal(vector);
  }

  @Override
  public void onWake(Runnable listener) {
    cpu.wakeListener = listener;
  }

  @Override
  public void reset(boolean init) {
    ProcessorReset.reset(cpu, init, SIGNATURE);
    cpu.attention.clear(Attention.NMI);
    cpu.interruptWaits = false;
    cpu.nmiWaits = false;
    cpu.nmiQueued = false;
    nmisRaised.set(0);
    managementWaits = false;
    levelExit = false;
    unsettled = false;
  }

  @Override
  public void skipInstruction() {
    settle();
    cpu.rip = cpu.codeOffset(cpu.rip + cpu.exit.instructionLength);
    cpu.nextRip = cpu.rip;
    cpu.system.endShadow();
    DebugUnit.afterEmulation(cpu);
  }

  @Override
  public void injectException(int vector, int errorCode) {
    Events.inject(cpu, vector, Events.Kind.EXCEPTION, Vector.hasErrorCode(vector), errorCode);
  }

  @Override
  public void tableRoot(long hpa) {
    cpu.mmu.monitorRoot(hpa);
  }

  @Override
  public void eventsExit(boolean on) {
    cpu.eventsExit = on;
  }

  @Override
  public void shortCalls(ShortCalls calls) {
    shortCalls = calls;
    cpu.shortCalls = tracer == null ? calls : null;
  }

  @Override
  public void directRoot(long hpa, int lower, int upper) {
    cpu.mmu.directRoot(hpa, lower, upper);
  }

  @Override
  public void dropTag(int tag) {
    cpu.mmu.dropTag(tag);
  }

  @Override
  public void invalidatePage(long gva) {
    cpu.mmu.invalidatePage(gva);
  }

  @Override
  public void flushTranslations() {
    cpu.mmu.flushAll();
  }

  @Override
  public boolean reflectPageFault(long linear, int errorCode) {
    cpu.cr2 = linear;
    return Events.reflect(cpu, Vector.PF, errorCode);
  }

  @Override
  public long register(Register register) {
    return RegisterAccess.read(cpu, register);
  }

  @Override
  public void register(Register register, long value) {
    RegisterAccess.write(cpu, register, value);
    unsettled |= RegisterAccess.unsettles(register);
    untranslated |= RegisterAccess.translates(register);
  }

  @Override
  public SegmentState segment(int number) {
    return RegisterAccess.segment(cpu, number);
  }

  @Override
  public void segment(int number, SegmentState segment) {
    RegisterAccess.segment(cpu, number, segment);
    unsettled = true;
  }

  @Override
  public long msr(int index) {
    return ModelSpecificRegisters.read(cpu, index);
  }

  @Override
  public void msr(int index, long value) {
    ModelSpecificRegisters.force(cpu, index, value);
  }

  @Override
  public long tscOffset() {
    return cpu.system.tscOffset;
  }

  @Override
  public ExitCounters exits() {
    return cpu.exits;
  }

  @Override
  public InnerExits innerExits() {
    if (cpu.vmx.present()) {
      return cpu.vmx.exits();
    }
    return cpu.svm.present() ? cpu.svm.exits() : InnerExits.NONE;
  }

  @Override
  public CpuStatistics statistics() {
    return new CpuStatistics(
        executor.instructions(),
        executor.interpreted(),
        cpu.mmu.tlbMisses(),
        cpu.mmu.walkReferences(),
        executor.blocksDecoded(),
        cpu.mmu.comparedTranslations(),
        executor.translationStatistics());
  }

  @Override
  public void trim() {
    executor.trim();
  }

  @Override
  public List<TranslatedBlock> translations(long gva) {
    settle();
    return executor.translations(gva);
  }

  @Override
  public long translate(long gva) {
    settle();
    return cpu.mmu.translate(gva);
  }

  @Override
  public void breakpoints(long[] gvas) {
    stepper.breakpoints(gvas);
  }

  @Override
  public void singleStep(boolean on) {
    stepper.singleStep(on);
  }

  @Override
  public void trace(Tracer next) {
    tracer = next;
    cpu.shortCalls = next == null ? shortCalls : null;
    stepper.trace(next);
  }

  @Override
  public String stateName() {
    return "cpu" + cpu.id;
  }

  @Override
  public int stateVersion() {
    return state.stateVersion();
  }

  @Override
  public void save(StateWriter out) {
    state.save(out);
    out.writeBoolean(levelExit);
    out.writeBoolean(cpu.nmiWaits || cpu.attention.raised(Attention.NMI));
    out.writeBoolean(cpu.nmiQueued);
    out.writeBoolean(managementWaits);
  }

  @Override
  public void restore(StateReader in, int version) {
    state.restore(in, version);
    levelExit = in.readBoolean();
    cpu.nmiWaits = in.readBoolean();
    cpu.nmiQueued = in.readBoolean();
    managementWaits = in.readBoolean();
    cpu.interruptWaits = true;
    RegisterAccess.settle(cpu, true);
    unsettled = false;
    untranslated = false;
  }
}
