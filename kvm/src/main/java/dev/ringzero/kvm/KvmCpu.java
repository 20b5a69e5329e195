package dev.ringzero.kvm;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.CpuStatistics;
import dev.ringzero.engine.ExitCounters;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.Tracer;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.VmExit;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.memory.IoBus;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * A virtual processor of the {@link KvmEngine}. CPUID is answered by KVM itself, and so are most
 * model-specific registers. After HLT the guest's RIP is already behind it, so that the exit's
 * instruction length is 0.
 *
 * <p>Not modelled: more than four breakpoints; a tracer that wants instructions.
 */
final class KvmCpu implements VirtualCpu, AutoCloseable {
  private static final int STATE_VERSION = 1;
  private static final int IA32_EFER = 0xC000_0080;

  private final int id;
  private final KvmFile file;
  private final RunPage page;
  private final InterruptSource interrupts;
  private final Clock clock;
  private final int signature;
  private final IntConsumer endOfInterrupt;
  private final KvmRegisters registers;
  private final VcpuState state;
  private final VcpuTime time;
  private final VcpuEvents events;
  private final VcpuDebug debug;
  private final DeviceExits devices;
  private final VcpuSignals signals;
  private final MsrAccess msrs;
  private final ExitReport report;

  private volatile boolean interruptsEnabled;

  /** The last KVM_RUN ended by a kick, or because another processor has started this one. */
  private boolean interrupted;

  /** The next KVM_RUN only completes the access of a device that a step has made. */
  private boolean completesStep;

  KvmCpu(
      int id,
      KvmFile file,
      RunPage page,
      InterruptSource interrupts,
      IoBus io,
      Clock clock,
      int signature,
      SavedMsrs savedMsrs,
      IntConsumer endOfInterrupt) {
    this.id = id;
    this.file = file;
    this.page = page;
    this.interrupts = interrupts;
    this.clock = clock;
    this.signature = signature;
    this.endOfInterrupt = endOfInterrupt;
    this.registers = new KvmRegisters(file);
    this.state = new VcpuState(file, savedMsrs);
    this.time = new VcpuTime(state);
    this.events = new VcpuEvents(file);
    this.debug = new VcpuDebug(file, state);
    this.signals = new VcpuSignals(page);
    this.msrs = new MsrAccess(file, page, registers);
    this.report = new ExitReport(this, clock);
    this.devices = new DeviceExits(page, io, clock, report.counters());
    reset(false);
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public ExitReason run() {
    report.end();
    time.release();
    debug.beforeEntry(registers);
    int thread = Kick.currentThread();
    while (true) {
      enter(thread);
      ExitReason reason = exited();
      if (reason != null) {
        return report.begin(reason);
      }
    }
  }

  /** One KVM_RUN. An access of a device that KVM waits for is completed by it, even if it stops. */
  private void enter(int thread) {
    page.immediateExit(false);
    if (signals.stopWanted() || completesStep) {
      page.immediateExit(true);
    } else {
      offerEvents();
    }
    if (registers.changed()) {
      page.forgetReadiness();
    }
    registers.enter();
    long taskPriority = interrupts.taskPriority();
    page.cr8(taskPriority);
    signals.entering(thread);
    int result = file.attempt(Ioctl.KVM_RUN, 0);
    signals.left();
    interruptsEnabled = page.interruptFlag();
    if (page.cr8() != taskPriority) {
      interrupts.taskPriority((int) page.cr8() & 15);
    }
    interrupted = result == -Errno.EINTR || result == -Errno.EAGAIN;
    if (result < 0 && !interrupted) {
      throw KvmException.ofCall(Ioctl.KVM_RUN.name(), -result, Ioctl.KVM_RUN.advice);
    }
  }

  private void offerEvents() {
    if (signals.takeNmi()) {
      file.call(Ioctl.KVM_NMI, 0);
    }
    boolean waits = interrupts.pending();
    if (waits && page.readyForInterrupt() && page.interruptFlag() && !registers.changed()) {
      inject(interrupts.acknowledge());
      waits = interrupts.pending();
    }
    page.requestInterruptWindow(waits);
  }

  private void inject(int vector) {
    if (vector >= 0) {
      events.interrupt(vector);
      page.forgetReadiness();
      report.interrupt(vector);
    }
  }

  /** Why the guest left, or null where it goes on. */
  private ExitReason exited() {
    report.clear();
    boolean completed = completesStep;
    completesStep = false;
    if (interrupted && completed) {
      return stepped();
    }
    if (interrupted) {
      return signals.takeStop() ? ExitReason.STOP_REQUESTED : null;
    }
    return switch (page.exitReason()) {
      case RunPage.KVM_EXIT_IO -> {
        devices.port();
        report.device(ExitReason.IO_INSTRUCTION, 0);
        completesStep = debug.steps();
        yield null;
      }
      case RunPage.KVM_EXIT_MMIO -> {
        devices.memory();
        report.device(ExitReason.MMIO, page.mmioGpa());
        completesStep = debug.steps();
        yield null;
      }
      case RunPage.KVM_EXIT_IRQ_WINDOW_OPEN, RunPage.KVM_EXIT_SET_TPR, RunPage.KVM_EXIT_INTR ->
          null;
      case RunPage.KVM_EXIT_IOAPIC_EOI -> {
        endOfInterrupt.accept(page.endedVector());
        yield null;
      }
      case RunPage.KVM_EXIT_HLT -> ExitReason.HLT;
      case RunPage.KVM_EXIT_SHUTDOWN -> ExitReason.TRIPLE_FAULT;
      case RunPage.KVM_EXIT_DEBUG -> stepped();
      case RunPage.KVM_EXIT_X86_RDMSR -> {
        msrs.begin(report.exit());
        yield ExitReason.RDMSR;
      }
      case RunPage.KVM_EXIT_X86_WRMSR -> {
        msrs.begin(report.exit());
        yield ExitReason.WRMSR;
      }
      case RunPage.KVM_EXIT_FAIL_ENTRY -> {
        report.exit().qualification = page.hardwareReason();
        yield ExitReason.ENTRY_FAILURE_GUEST_STATE;
      }
      case RunPage.KVM_EXIT_INTERNAL_ERROR -> throw page.internalError(register(Register.RIP));
      default -> throw page.unknownExit(register(Register.RIP));
    };
  }

  private ExitReason stepped() {
    return debug.steppedOff() ? null : ExitReason.MONITOR_DEBUG;
  }

  @Override
  public VmExit exit() {
    return report.exit();
  }

  @Override
  public void requestStop() {
    signals.requestStop();
  }

  @Override
  public void interruptPending() {
    signals.kick();
  }

  @Override
  public void nonMaskableInterrupt() {
    signals.requestNmi();
  }

  @Override
  public boolean wakes() {
    return signals.nmiWanted() || interruptsEnabled && interrupts.pending();
  }

  @Override
  public void reset(boolean init) {
    msrs.complete(true);
    long cacheBits = init ? registers.read(Register.CR0) & ResetState.CR0_KEPT : 0;
    ResetState.give(registers, id, signature, cacheBits);
    state.reset(init);
    debug.apply();
    if (!init) {
      time.count(clock.tsc());
    }
    signals.nmi(false);
    interruptsEnabled = false;
    page.forgetReadiness();
  }

  @Override
  public void skipInstruction() {
    if (msrs.waits()) {
      msrs.complete(false);
    } else if (report.exit().instructionLength != 0) {
      register(Register.RIP, register(Register.RIP) + report.exit().instructionLength);
      events.endShadow();
    }
  }

  @Override
  public void injectException(int vector, int errorCode) {
    if (msrs.waits() && vector == Vector.GP) {
      msrs.complete(true);
    } else {
      events.exception(vector, errorCode);
    }
  }

  @Override
  public void tableRoot(long hpa) {
    throw new UnsupportedOperationException("the host's kernel keeps the tables");
  }

  @Override
  public void eventsExit(boolean on) {
    throw new UnsupportedOperationException("the host's kernel keeps the tables");
  }

  @Override
  public void directRoot(long hpa, int lower, int upper) {
    throw new UnsupportedOperationException("the host's kernel keeps the tables");
  }

  @Override
  public void dropTag(int tag) {
    throw new UnsupportedOperationException("the host's kernel keeps the tables");
  }

  @Override
  public void invalidatePage(long gva) {
    throw new UnsupportedOperationException("the host's kernel keeps the tables");
  }

  @Override
  public void flushTranslations() {
    throw new UnsupportedOperationException("the host's kernel keeps the tables");
  }

  @Override
  public boolean reflectPageFault(long linear, int errorCode) {
    throw new UnsupportedOperationException("the host's kernel keeps the tables");
  }

  @Override
  public long register(Register register) {
    return switch (register) {
      case CR8 -> interrupts.taskPriority();
      case XCR0, DR0, DR1, DR2, DR3, DR6, DR7 -> debug.read(register);
      default -> registers.read(register);
    };
  }

  @Override
  public void register(Register register, long value) {
    switch (register) {
      case CR8 -> interrupts.taskPriority((int) value & 15);
      case XCR0, DR0, DR1, DR2, DR3, DR6, DR7 -> debug.write(register, value);
      case RFLAGS -> {
        registers.write(register, value);
        interruptsEnabled = (value & Rflags.IF) != 0;
      }
      default -> registers.write(register, value);
    }
  }

  @Override
  public SegmentState segment(int number) {
    return registers.segment(number);
  }

  @Override
  public void segment(int number, SegmentState value) {
    registers.segment(number, value);
  }

  @Override
  public long msr(int index) {
    if (index == IA32_EFER) {
      return registers.efer();
    }
    registers.flush();
    if (index == VcpuState.IA32_TIME_STAMP_COUNTER) {
      return time.count();
    }
    return state.msr(index);
  }

  @Override
  public void msr(int index, long value) {
    if (index == IA32_EFER) {
      registers.efer(value);
      return;
    }
    registers.enter();
    if (index == VcpuState.IA32_TIME_STAMP_COUNTER) {
      time.count(value);
    } else {
      state.msr(index, value);
    }
  }

  @Override
  public long tscOffset() {
    return msr(VcpuState.IA32_TIME_STAMP_COUNTER) - clock.tsc();
  }

  @Override
  public ExitCounters exits() {
    return report.counters();
  }

  @Override
  public CpuStatistics statistics() {
    return new CpuStatistics(-1, -1, -1, -1, -1, -1, Optional.empty());
  }

  @Override
  public long translate(long gva) {
    registers.flush();
    return debug.translate(gva);
  }

  @Override
  public void breakpoints(long[] gvas) {
    debug.breakpoints(Arrays.copyOf(gvas, gvas.length));
  }

  @Override
  public void singleStep(boolean on) {
    debug.singleStep(on);
  }

  @Override
  public void trace(Tracer next) {
    report.tracer(next);
  }

  @Override
  public String stateName() {
    return "kvm-cpu" + id;
  }

  @Override
  public int stateVersion() {
    return STATE_VERSION;
  }

  @Override
  public void save(StateWriter out) {
    msrs.complete(true);
    registers.flush();
    time.hold();
    state.save(out);
    time.save(out);
    out.writeBoolean(signals.nmiWanted());
  }

  @Override
  public void restore(StateReader in, int version) {
    if (version != STATE_VERSION) {
      throw new StateException("no version " + version + " of a KVM processor");
    }
    msrs.complete(true);
    registers.enter();
    state.restore(in);
    time.restore(in);
    signals.nmi(in.readBoolean());
    interruptsEnabled = (register(Register.RFLAGS) & Rflags.IF) != 0;
    page.forgetReadiness();
  }

  /** Makes the vCPU's time stand still while the machine does. */
  void holdTime() {
    time.hold();
  }

  void releaseTime() {
    time.release();
  }

  @Override
  public void close() {
    signals.close();
    file.close();
  }
}
