package dev.ringzero.control.run;

import dev.ringzero.control.console.ConsoleHistory;
import dev.ringzero.control.console.TextWatch;
import dev.ringzero.control.trace.TraceKind;
import dev.ringzero.control.trace.TraceLines;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineEnd;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import dev.ringzero.vmm.schedule.VcpuTime;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One machine from its start to its end, with what people and commands may do to it meanwhile. */
public final class GuestRun implements AutoCloseable {
  private static final String PANIC = "Kernel panic - not syncing";

  /** What our own guest says on its line to us when its shell begins. */
  private static final String READY = "ready\n";

  private static final int RANDOM_BYTES = 32;
  private static final long TRIM_AFTER_SECONDS = 10;
  private static final long IDLE_NANOS_A_SECOND = 30_000_000;

  private final Machine machine;
  private final boolean copy;
  private final Instant started = Instant.now();
  private final ConsoleHistory history = new ConsoleHistory();
  private final TextWatch panic = new TextWatch(PANIC);
  private final TextWatch ready = new TextWatch(READY);
  private final GuestExec exec;
  private final GuestAgent agent;
  private volatile boolean timedOut;
  private volatile boolean ended;
  private volatile boolean shutDownWaits;

  /** Whether somebody said that the guest is to stand still; guarded by this, when it changes. */
  private volatile boolean paused;

  private volatile Runnable pauseListener = () -> {};

  /**
   * A run of a machine that is a copy of another.
   *
   * @param console what the other's console said last
   * @param hasShell whether the other said that it has a shell
   */
  public GuestRun(Machine machine, byte[] console, boolean hasShell) {
    this(machine, true);
    history.output(console, console.length);
    if (hasShell) {
      byte[] line = READY.getBytes(StandardCharsets.US_ASCII);
      ready.output(line, line.length);
    }
  }

  public GuestRun(Machine machine) {
    this(machine, false);
  }

  private GuestRun(Machine machine, boolean copy) {
    this.machine = machine;
    this.copy = copy;
    machine.console().addListener(panic);
    machine.console().addListener(history);
    machine.channel().addListener(ready);
    exec = new GuestExec(machine.channel()::send);
    agent = new GuestAgent(machine, exec, ready::seen, this::ended);
    machine.channel().addListener(exec);
    machine.channel().addListener((bytes, length) -> shellMayBeThere());
  }

  public Machine machine() {
    return machine;
  }

  public ConsoleHistory history() {
    return history;
  }

  public Instant started() {
    return started;
  }

  /** Ends the machine if it still runs after that time. */
  public void limit(Duration timeout) {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("timeout").daemon().factory());
    timer.schedule(this::timeOut, timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void timeOut() {
    timedOut = true;
    machine.stop("timeout");
  }

  /** Makes the guest stand still until {@link #resume()}; if it does already, nothing changes. */
  public synchronized void pause() {
    if (!paused) {
      machine.pause();
      paused = true;
      pauseListener.run();
    }
  }

  /** Lets a guest go on that stands still because of {@link #pause()}. */
  public synchronized void resume() {
    if (paused) {
      paused = false;
      machine.resume();
      pauseListener.run();
    }
  }

  /** Called when the guest stands still because of {@link #pause()}, and when it goes on. */
  public void onPause(Runnable listener) {
    pauseListener = listener;
  }

  /** Whether the guest stands still because of {@link #pause()}. */
  public boolean isPaused() {
    return paused;
  }

  /** Asks the guest to shut down: by the power button, and by the line into our own guest. */
  public void shutDown() {
    shutDownWaits = !ready.seen();
    machine.pressPowerButton();
    tell("poweroff");
  }

  /** What was asked for while our own guest booted, it did not hear. */
  private void shellMayBeThere() {
    if (shutDownWaits && ready.seen()) {
      shutDown();
    }
  }

  /** Tells the guest how large the terminal is; without a virtio console only ours listens. */
  public void resize(int rows, int columns) {
    if (!machine.console().resize(rows, columns)) {
      tell("size " + rows + " " + columns);
    }
  }

  /** Puts a disk into a slot; our own guest loads what it needs for that. */
  public String insert(Optional<String> id, DiskConfiguration disk) {
    String inserted = machine.insert(id, disk);
    tell("load disk");
    return inserted;
  }

  /** Puts a network card into a slot; our own guest loads what it needs for that. */
  public String insert(Optional<String> id, CardConfiguration card) {
    String inserted = machine.insert(id, card);
    tell("load net");
    return inserted;
  }

  /** Lets the guest run. A copy of ours is told the time and random numbers, to begin anew. */
  public void start(PhysicalCpus at) {
    machine.start(at);
    if (copy) {
      byte[] random = new byte[RANDOM_BYTES];
      new SecureRandom().nextBytes(random);
      trimWhenIdle();
      tell("forked " + Instant.now().getEpochSecond() + " " + HexFormat.of().formatHex(random));
    }
  }

  /** What a copy translated to begin anew it does not need again, unless it goes on working. */
  private void trimWhenIdle() {
    CompletableFuture.delayedExecutor(TRIM_AFTER_SECONDS, TimeUnit.SECONDS)
        .execute(() -> {
          long ran = ranNanos();
          CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS)
              .execute(() -> {
                if (ranNanos() - ran < IDLE_NANOS_A_SECOND) {
                  cpus().forEach(VirtualCpu::trim);
                }
              });
        });
  }

  private long ranNanos() {
    return machine.times().stream().mapToLong(VcpuTime::ranNanos).sum();
  }

  /** Says a line to our own guest, which listens; waits while it does not read. */
  public void say(String line) throws InterruptedException {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.US_ASCII);
    int sent = machine.channel().send(bytes, 0, bytes.length);
    while (sent < bytes.length) {
      Thread.sleep(1);
      sent += machine.channel().send(bytes, sent, bytes.length - sent);
    }
  }

  private void tell(String request) {
    exec.tell(request);
  }

  /** Types into the console; waits while the guest does not read. */
  public void type(byte[] keys, int lengthBytes) throws InterruptedException {
    int sent = machine.console().send(keys, 0, lengthBytes);
    while (sent < lengthBytes) {
      Thread.sleep(1);
      sent += machine.console().send(keys, sent, lengthBytes - sent);
    }
  }

  /** Waits until our own guest has a shell; what is typed before that a kernel may throw away. */
  public void awaitShell() throws InterruptedException {
    ready.await();
  }

  /** Whether our own guest has a shell. */
  public boolean hasShell() {
    return ready.seen();
  }

  /** Shows what the processors do, from now on until it is closed. */
  public AutoCloseable trace(TraceKind kind, Consumer<String> lines) {
    trace(new TraceLines(kind, lines));
    return () -> trace(null);
  }

  /** Shows what the processors do, from their first instruction on. */
  public void traceFromStart(TraceKind kind, Consumer<String> lines) {
    tracer(new TraceLines(kind, lines));
  }

  private void trace(TraceLines tracer) {
    machine.pause();
    try {
      tracer(tracer);
    } finally {
      machine.resume();
    }
  }

  private void tracer(TraceLines tracer) {
    for (VirtualCpu cpu : cpus()) {
      cpu.trace(tracer);
    }
  }

  /** Commands for our own guest, beside its shell. */
  public GuestExec exec() {
    return exec;
  }

  /** By which commands of our own guest have input, output and a terminal. */
  public GuestAgent agent() {
    return agent;
  }

  /** What the machine has done so far. */
  public RunStatistics statistics() {
    return RunStatistics.of(machine);
  }

  public List<VirtualCpu> cpus() {
    return machine.cpus();
  }

  /** Waits for the end. */
  public GuestEnd awaitEnd() throws InterruptedException {
    MachineEnd end = machine.awaitEnd();
    ended = true;
    history.close();
    return new GuestEnd(cause(end.cause()), end.detail(), end.status());
  }

  /** Whether the machine has ended. */
  public boolean ended() {
    return ended;
  }

  private GuestEnd.Cause cause(MachineEnd.Cause cause) {
    return switch (cause) {
      case POWER_OFF -> GuestEnd.Cause.POWER_OFF;
      case RESET -> panic.seen() ? GuestEnd.Cause.PANIC : GuestEnd.Cause.RESET;
      case TRIPLE_FAULT -> panic.seen() ? GuestEnd.Cause.PANIC : GuestEnd.Cause.TRIPLE_FAULT;
      case STOPPED -> timedOut ? GuestEnd.Cause.TIMEOUT : GuestEnd.Cause.STOPPED;
      case EXITED -> GuestEnd.Cause.EXITED;
      case OUT_OF_MEMORY -> GuestEnd.Cause.OUT_OF_MEMORY;
      case FAILED -> GuestEnd.Cause.FAILED;
    };
  }

  @Override
  public void close() {
    machine.close();
  }
}
