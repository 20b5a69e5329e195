package dev.ringzero.vmm.guest;

import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.CpioWriter;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.kernel.KernelFiles;
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
import java.util.Map;
import java.util.Optional;

/** Debian's stock kernel and busybox run a script on an engine of the test's choice. */
final class StockGuest implements AutoCloseable {
  private static final String MARK = "end-of-the-commands";

  private final Machine machine;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  /**
   * Builds the machine.
   *
   * @param programs further files of the guest, by path
   */
  StockGuest(
      DefaultGuest guest,
      long memoryBytes,
      int cpus,
      EngineConfiguration.Software engine,
      Map<String, byte[]> programs,
      String script)
      throws IOException {
    this(guest, memoryBytes, cpus, engine, programs, List.of(), script);
  }

  /**
   * Builds a machine whose kernel loads modules.
   *
   * @param programs further files of the guest, by path
   * @param modules their names
   */
  StockGuest(
      DefaultGuest guest,
      long memoryBytes,
      int cpus,
      EngineConfiguration.Software engine,
      Map<String, byte[]> programs,
      List<String> modules,
      String script)
      throws IOException {
    byte[] initrd =
        new DefaultInitramfs(
                "guest",
                Optional.empty(),
                Optional.of(new GuestCommand(script, MARK)),
                GuestFiles.modules(modules),
                List.of())
            .build(Files.readAllBytes(guest.busybox()));
    machine =
        new Machine(
            new MachineConfiguration(
                "guest",
                memoryBytes,
                cpus,
                new KernelFiles(ImageCache.ofUser(), Progress.SILENT).open(guest.kernel()),
                Optional.of(with(initrd, programs)),
                engine.memory() == MemoryTechnique.DIRECT
                    ? "loglevel=0 panic=-1 rz.line=hvc0"
                    : "console=ttyS0 panic=-1 quiet",
                List.of(),
                List.of(),
                HostLinks.NONE,
                engine));
    machine.channel().addListener(this::said);
  }

  /** The kernel unpacks archives that follow each other. */
  private static byte[] with(byte[] initrd, Map<String, byte[]> programs) {
    CpioWriter cpio = new CpioWriter();
    programs.forEach((path, bytes) -> cpio.file(path, 0755, bytes));
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(initrd);
    both.writeBytes(cpio.finish());
    return both.toByteArray();
  }

  private synchronized void said(byte[] bytes, int length) {
    output.write(bytes, 0, length);
    notifyAll();
  }

  Machine machine() {
    return machine;
  }

  /** What it has printed. */
  synchronized String output() {
    return output.toString(StandardCharsets.UTF_8).replace("\r", "");
  }

  /** Waits until it prints something more. */
  synchronized void awaitMore() throws InterruptedException {
    for (int before = output.size(); output.size() == before; ) {
      wait();
    }
  }

  /** Runs it to its end. */
  MachineEnd run() throws InterruptedException {
    machine.start();
    return machine.awaitEnd();
  }

  @Override
  public void close() {
    machine.close();
  }
}
