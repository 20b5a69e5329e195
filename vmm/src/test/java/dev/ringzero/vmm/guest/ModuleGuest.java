package dev.ringzero.vmm.guest;

import dev.ringzero.engine.Execution;
import dev.ringzero.images.DebianKernel;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.MachineEnd;
import dev.ringzero.vmm.memory.MemoryTechnique;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Debian's stock kernel with some of its modules runs a script, and talks with a test. */
final class ModuleGuest implements AutoCloseable {
  private static final String MARK = "end-of-the-commands";

  private static final String CONSOLE = "console=ttyS0 panic=-1 quiet";
  private static final long PATIENCE_NANOS = 240_000_000_000L;
  private static final long LOOK_AGAIN_MILLIS = 1000;

  private final Machine machine;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private MachineEnd end;

  /** Prepares the guest; the test is skipped where it cannot be fetched. */
  ModuleGuest(int cpus, List<DiskConfiguration> disks, List<String> modules, String script)
      throws IOException {
    this(cpus, disks, List.of(), modules, script, CONSOLE, EngineConfiguration.Software.FASTEST);
  }

  /** Prepares the guest with disks on a certain engine. */
  ModuleGuest(
      int cpus,
      List<DiskConfiguration> disks,
      List<String> modules,
      String script,
      String append,
      EngineConfiguration engine)
      throws IOException {
    this(cpus, disks, List.of(), modules, script, CONSOLE + " " + append, engine);
  }

  /** As a guest with direct paging, which has one line for all that it says. */
  static ModuleGuest paravirtual(
      int cpus,
      List<DiskConfiguration> disks,
      List<CardConfiguration> cards,
      List<String> modules,
      String script)
      throws IOException {
    return new ModuleGuest(
        cpus,
        disks,
        cards,
        modules,
        script,
        "loglevel=0 panic=-1 rz.line=hvc0",
        new EngineConfiguration.Software(Execution.FASTEST, MemoryTechnique.DIRECT));
  }

  /** Prepares the guest with network cards on a certain engine. */
  ModuleGuest(
      List<CardConfiguration> cards,
      List<String> modules,
      String script,
      String append,
      EngineConfiguration engine)
      throws IOException {
    this(1, List.of(), cards, modules, script, CONSOLE + " " + append, engine);
  }

  /** Prepares the guest with network cards, with another kernel than the usual one. */
  ModuleGuest(
      DebianKernel kernel,
      List<CardConfiguration> cards,
      List<String> modules,
      String script,
      String append,
      EngineConfiguration engine)
      throws IOException {
    this(kernel, 1, List.of(), cards, modules, script, CONSOLE + " " + append, engine);
  }

  private ModuleGuest(
      int cpus,
      List<DiskConfiguration> disks,
      List<CardConfiguration> cards,
      List<String> modules,
      String script,
      String commandLine,
      EngineConfiguration engine)
      throws IOException {
    this(DebianKernel.CLOUD, cpus, disks, cards, modules, script, commandLine, engine);
  }

  private ModuleGuest(
      DebianKernel kernel,
      int cpus,
      List<DiskConfiguration> disks,
      List<CardConfiguration> cards,
      List<String> modules,
      String script,
      String commandLine,
      EngineConfiguration engine)
      throws IOException {
    ImageCache cache = ImageCache.ofUser();
    DefaultGuest guest = GuestFiles.orSkip();
    byte[] initrd =
        new DefaultInitramfs(
                "guest",
                Optional.empty(),
                Optional.of(new GuestCommand(script, MARK)),
                GuestFiles.modules(kernel, modules),
                List.of())
            .build(Files.readAllBytes(guest.busybox()));
    machine =
        new Machine(
            new MachineConfiguration(
                "guest",
                512L << 20,
                cpus,
                new KernelFiles(cache, Progress.SILENT).open(GuestFiles.orSkip(kernel)),
                Optional.of(initrd),
                commandLine,
                disks,
                cards,
                HostLinks.NONE,
                engine));
    machine.channel().addListener(this::said);
  }

  /** Skips the test where the guest cannot be fetched. */
  static void skipUnlessThere() {
    GuestFiles.orSkip();
  }

  Machine machine() {
    return machine;
  }

  void start() {
    machine.start();
    Thread.ofVirtual().start(this::awaitEnd);
  }

  private void awaitEnd() {
    try {
      MachineEnd ended = machine.awaitEnd();
      synchronized (this) {
        end = ended;
        notifyAll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void said(byte[] bytes, int lengthBytes) {
    output.write(bytes, 0, lengthBytes);
    notifyAll();
  }

  /** What the script has said so far. */
  synchronized String output() {
    return output.toString(StandardCharsets.UTF_8).replace("\r", "");
  }

  /** Waits until the script says a line. */
  synchronized void await(String line) throws InterruptedException {
    awaitUntil(() -> end != null || ("\n" + output()).contains("\n" + line + "\n"), line);
    if (end != null) {
      throw new AssertionError("the guest ended before " + line + ":\n" + output());
    }
  }

  /** Waits for the end; gives what the script said. */
  synchronized String awaitOutput() throws InterruptedException {
    awaitUntil(() -> end != null, "its end");
    if (end.cause() != MachineEnd.Cause.POWER_OFF || !output().contains(MARK)) {
      throw new AssertionError(end + "\n" + output());
    }
    return output().substring(0, output().indexOf("\n" + MARK));
  }

  private void awaitUntil(BooleanSupplier condition, String what) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      wait(LOOK_AGAIN_MILLIS);
      if (System.nanoTime() > deadline) {
        throw new AssertionError("the guest does not come to " + what + ":\n" + output());
      }
    }
  }

  @Override
  public void close() {
    machine.close();
  }
}
