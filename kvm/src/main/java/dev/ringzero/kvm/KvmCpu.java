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
import java.util.function.IntConsumer;
import java.util.Optional;

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
  private final VmExit exit = new VmExit();
  private final ExitCounters exits = new ExitCounters();

  private volatile boolean stopRequested;
  private volatile boolean nmiRequested;
  private volatile boolean interruptsEnabled;

  /** The thread in KVM_RUN, 0 if none. */
  private volatile int runner;

  private Tracer tracer;
  private boolean closed;

  /** The last KVM_RUN ended by a kick, or because another processor has started this one. */
  private boolean interrupted;

  private boolean exited;
  private long exitNanos;

  /** An RDMSR or WRMSR that KVM waits to complete. */
  private boolean msrWaits;

  KvmCpu(
      int id,
      KvmFile file,
      RunPage page,
      InterruptSource interrupts,
      IoBus io,
      Clock clock,
      int signature,
      int[] savedMsrs,
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
    this.devices = new DeviceExits(page, io, clock, exits);
    reset(false);
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public ExitReason run() {
    countExit();
    time.release();
    debug.beforeEntry(registers);
    int thread = Kick.currentThread();
    while (true) {
      enter(thread);
      ExitReason reason = exited();
      if (reason != null) {
        return report(reason);
      }
    }
  }

  /** One KVM_RUN. An access of a device that KVM waits for is completed by it, even if it stops. */
  private void enter(int thread) {
    page.immediateExit(false);
    if (stopRequested) {
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
    runner = thread;
    int result = file.attempt(Ioctl.KVM_RUN, 0);
    runner = 0;
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
    if (nmiRequested) {
      nmiRequested = false;
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
      if (tracer != null) {
        tracer.event(this, vector, true, 0);
      }
    }
  }

  /** Why the guest left, or null where it goes on. */
  private ExitReason exited() {
    exit.qualification = 0;
    exit.instructionLength = 0;
    exit.gpa = 0;
    exit.gva = 0;
    exit.interruptionInformation = 0;
    exit.interruptionErrorCode = 0;
    if (interrupted) {
      return stopped();
    }
    return switch (page.exitReason()) {
      case RunPage.KVM_EXIT_IO -> {
        devices.port();
        yield traced(ExitReason.IO_INSTRUCTION, 0);
      }
      case RunPage.KVM_EXIT_MMIO -> {
        devices.memory();
        yield traced(ExitReason.MMIO, page.mmioGpa());
      }
      case RunPage.KVM_EXIT_IRQ_WINDOW_OPEN, RunPage.KVM_EXIT_SET_TPR, RunPage.KVM_EXIT_INTR ->
          null;
      case RunPage.KVM_EXIT_IOAPIC_EOI -> {
        endOfInterrupt.accept(page.endedVector());
        yield null;
      }
      case RunPage.KVM_EXIT_HLT -> ExitReason.HLT;
      case RunPage.KVM_EXIT_SHUTDOWN -> ExitReason.TRIPLE_FAULT;
      case RunPage.KVM_EXIT_DEBUG -> debug.steppedOff() ? null : ExitReason.MONITOR_DEBUG;
      case RunPage.KVM_EXIT_X86_RDMSR -> msr(ExitReason.RDMSR);
      case RunPage.KVM_EXIT_X86_WRMSR -> msr(ExitReason.WRMSR);
      case RunPage.KVM_EXIT_FAIL_ENTRY -> {
        exit.qualification = page.hardwareReason();
        yield ExitReason.ENTRY_FAILURE_GUEST_STATE;
      }
      case RunPage.KVM_EXIT_INTERNAL_ERROR -> throw page.internalError(register(Register.RIP));
      default ->
          throw page.unknownExit(register(Register.RIP));
    };
  }

  private ExitReason stopped() {
    if (stopRequested) {
      stopRequested = false;
      return ExitReason.STOP_REQUESTED;
    }
    return null;
  }

  private ExitReason traced(ExitReason reason, long gpa) {
    if (tracer != null) {
      tracer.exit(this, reason, 0, gpa);
    }
    return null;
  }

  private ExitReason msr(ExitReason reason) {
    exit.qualification = page.msrIndex() & 0xFFFF_FFFFL;
    exit.instructionLength = 2;
    msrWaits = true;
    return reason;
  }

  private ExitReason report(ExitReason reason) {
    exit.reason = reason;
    exited = true;
    exitNanos = clock.nanoTime();
    if (tracer != null) {
      tracer.exit(this, reason, exit.qualification, exit.gpa);
    }
    return reason;
  }

  private void countExit() {
    if (exited) {
      exits.add(exit.reason, clock.nanoTime() - exitNanos);
      exited = false;
    }
  }

  @Override
  public VmExit exit() {
    return exit;
  }

  @Override
  public void requestStop() {
    stopRequested = true;
    kick();
  }

  @Override
  public void interruptPending() {
    kick();
  }

  @Override
  public void nonMaskableInterrupt() {
    nmiRequested = true;
    kick();
  }

  /** The flag makes an entry that is about to happen return; the signal, one that happened. */
  private void kick() {
    synchronized (page) {
      if (!closed) {
        page.immediateExit(true);
      }
    }
    int thread = runner;
    if (thread != 0) {
      Kick.send(thread);
    }
  }

  @Override
  public boolean wakes() {
    return stopRequested || nmiRequested || interruptsEnabled && interrupts.pending();
  }

  @Override
  public void reset(boolean init) {
    completeMsr(true);
    long cacheBits = init ? registers.read(Register.CR0) & ResetState.CR0_KEPT : 0;
    ResetState.give(registers, id, signature, cacheBits);
    state.reset(init);
    debug.apply();
    if (!init) {
      time.count(clock.tsc());
    }
    nmiRequested = false;
    interruptsEnabled = false;
    page.forgetReadiness();
  }

  @Override
  public void skipInstruction() {
    if (msrWaits) {
      completeMsr(false);
    } else if (exit.instructionLength != 0) {
      register(Register.RIP, register(Register.RIP) + exit.instructionLength);
      events.endShadow();
    }
  }

  @Override
  public void injectException(int vector, int errorCode) {
    if (msrWaits && vector == Vector.GP) {
      completeMsr(true);
    } else {
      events.exception(vector, errorCode);
    }
  }

  /** KVM itself moves the value and RIP, or raises #GP, at an entry that returns at once. */
  private void completeMsr(boolean refused) {
    if (!msrWaits) {
      return;
    }
    msrWaits = false;
    long value = registers.read(Register.RDX) << 32 | registers.read(Register.RAX) & 0xFFFF_FFFFL;
    page.msrRefused(refused);
    page.msrData(value);
    registers.enter();
    page.immediateExit(true);
    file.attempt(Ioctl.KVM_RUN, 0);
    page.forgetReadiness();
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
  public void directRoot(long hpa, int tag, boolean flush) {
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
    return exits;
  }

  @Override
  public CpuStatistics statistics() {
    return new CpuStatistics(-1, -1, -1, -1, -1, Optional.empty());
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
    tracer = next;
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
    completeMsr(true);
    registers.flush();
    time.hold();
    state.save(out);
    time.save(out);
    out.writeBoolean(nmiRequested);
  }

  @Override
  public void restore(StateReader in, int version) {
    if (version != STATE_VERSION) {
      throw new StateException("no version " + version + " of a KVM processor");
    }
    completeMsr(true);
    registers.enter();
    state.restore(in);
    time.restore(in);
    nmiRequested = in.readBoolean();
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
    synchronized (page) {
      closed = true;
      HostCalls.unmap(page.memory());
    }
    file.close();
  }
}
