package dev.ringzero.vmm.machine;

import dev.ringzero.engine.CpuSignals;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.vmm.exit.ExitHandling;
import dev.ringzero.vmm.schedule.Seat;
import dev.ringzero.vmm.schedule.VcpuTask;
import dev.ringzero.vmm.schedule.VcpuTime;
import dev.ringzero.x86.ExitReason;
import java.util.function.Consumer;

/**
 * Runs one vCPU whenever it is given time: enters the guest, hands its exits to the {@link
 * ExitHandling}, waits while it is halted, and takes the INIT and startup signals of other
 * processors.
 */
final class CpuRunner implements CpuSignals, VcpuTask, Stateful {
  private enum Activity {
    ACTIVE,
    HALTED,
    WAIT_FOR_STARTUP
  }

  private static final int NO_STARTUP = -1;

  private final String machine;
  private final RunGate gate;
  private VirtualCpu cpu;
  private ExitHandling exits;
  private volatile Consumer<CpuRunner> debugStops = runner -> {};
  private volatile Seat seat;
  private volatile boolean initPending;
  private volatile int startupVector = NO_STARTUP;
  private Activity activity;

  /** Whether the gate let it in and it did not leave again. */
  private volatile boolean inside;

  CpuRunner(String machine, RunGate gate) {
    this.machine = machine;
    this.gate = gate;
  }

  /**
   * Gives the runner its vCPU, before anything signals.
   *
   * @param beginsAtOnce whether it does not wait for another to start it
   */
  void attach(VirtualCpu cpu, ExitHandling exits, boolean beginsAtOnce) {
    this.cpu = cpu;
    this.exits = exits;
    cpu.onWake(this::wake);
    activity = beginsAtOnce ? Activity.ACTIVE : Activity.WAIT_FOR_STARTUP;
  }

  VirtualCpu cpu() {
    return cpu;
  }

  /** Who learns, on the vCPU's thread, that it came to a breakpoint or ended a single step. */
  void onDebugStop(Consumer<CpuRunner> listener) {
    debugStops = listener;
  }

  /** Gives the runner the seat from which it runs; before the gate opens. */
  void sit(Seat at) {
    seat = at;
  }

  /** What it had of the physical CPUs; nothing before it sits. */
  VcpuTime time() {
    Seat at = seat;
    return at == null ? new VcpuTime(name(), 0, 0, 0) : at.time();
  }

  void join() throws InterruptedException {
    seat.awaitEnd();
  }

  /** Waits until the vCPU of a machine that has ended runs no more, if it ever did. */
  void awaitStop() {
    boolean interrupted = false;
    boolean ended = seat == null;
    while (!ended) {
      try {
        seat.awaitEnd();
        ended = true;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  void inside(boolean now) {
    inside = now;
  }

  boolean isInside() {
    return inside;
  }

  @Override
  public String name() {
    return machine + "-cpu" + cpu.id();
  }

  @Override
  public void stop() {
    cpu.requestStop();
  }

  /** Makes the vCPU look at its signals and run if it can. Any thread. */
  void wake() {
    Seat at = seat;
    if (at != null) {
      at.wake();
    }
  }

  /** Makes the vCPU leave the guest soon and look at the gate and its signals. Any thread. */
  void kick() {
    cpu.requestStop();
    wake();
  }

  @Override
  public void interrupt() {
    cpu.interruptPending();
    wake();
  }

  @Override
  public void nonMaskableInterrupt() {
    cpu.nonMaskableInterrupt();
    wake();
  }

  @Override
  public void systemManagementInterrupt() {
    cpu.systemManagementInterrupt();
    wake();
  }

  @Override
  public void init() {
    startupVector = NO_STARTUP;
    initPending = true;
    kick();
  }

  @Override
  public void startup(int vector) {
    startupVector = vector;
    kick();
  }

  /** The vCPU waits for a startup signal from now on. On its own thread, in an exit. */
  void awaitStartup() {
    activity = Activity.WAIT_FOR_STARTUP;
  }

  @Override
  public Outcome run() {
    try {
      if (!gate.enter(this)) {
        return gate.ended() ? Outcome.ENDED : Outcome.WAITS;
      }
      try {
        return step();
      } finally {
        gate.leave(this);
      }
    } catch (RuntimeException | Error e) {
      gate.failed(this, e);
      return Outcome.MORE;
    }
  }

  private Outcome step() {
    takeSignals();
    return switch (activity) {
      case ACTIVE -> {
        runGuest();
        yield Outcome.MORE;
      }
      case HALTED -> {
        if (cpu.wakes()) {
          activity = Activity.ACTIVE;
          yield Outcome.MORE;
        }
        yield Outcome.WAITS;
      }
      case WAIT_FOR_STARTUP ->
          startupVector == NO_STARTUP && !initPending ? Outcome.WAITS : Outcome.MORE;
    };
  }

  private void runGuest() {
    exits.beforeEntry(cpu);
    ExitReason reason = cpu.run();
    switch (reason) {
      case HLT, MWAIT -> {
        cpu.skipInstruction();
        activity = Activity.HALTED;
      }
      case STOP_REQUESTED -> {}
      case MONITOR_DEBUG -> debugStops.accept(this);
      default -> {
        if (exits.handle(cpu, reason)) {
          activity = Activity.HALTED;
        }
      }
    }
  }

  private void takeSignals() {
    if (initPending) {
      takeInit();
    }
    int vector = startupVector;
    if (vector != NO_STARTUP) {
      startupVector = NO_STARTUP;
      if (!cpu.startupSignal(vector) && activity == Activity.WAIT_FOR_STARTUP) {
        exits.start(cpu, vector);
        activity = Activity.ACTIVE;
      }
    }
  }

  private void takeInit() {
    switch (cpu.initSignal()) {
      case RESETS -> {
        initPending = false;
        cpu.reset(true);
        activity = cpu.id() == 0 ? Activity.ACTIVE : Activity.WAIT_FOR_STARTUP;
      }
      case TAKEN -> initPending = false;
      case BLOCKED -> {}
    }
  }

  @Override
  public String stateName() {
    return "runner" + cpu.id();
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public void save(StateWriter out) {
    out.writeByte(activity.ordinal());
    out.writeBoolean(initPending);
    out.writeInt(startupVector);
  }

  @Override
  public void restore(StateReader in, int version) {
    int ordinal = in.readByte();
    if (version != 1 || ordinal >= Activity.values().length) {
      throw new StateException("no such activity of a processor");
    }
    activity = Activity.values()[ordinal];
    initPending = in.readBoolean();
    startupVector = in.readInt();
    if (startupVector < NO_STARTUP || startupVector > 0xFF) {
      throw new StateException("no such startup vector");
    }
  }
}
