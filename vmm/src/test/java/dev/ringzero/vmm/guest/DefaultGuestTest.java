package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Execution;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
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
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Debian's stock kernel boots, and the programs in it behave as on the host. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class DefaultGuestTest {
  private static final String MARK = "end-of-the-commands";

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"DIRECT", "BARE"}) // cannot be saved
  void commandsGiveTheSameOutputAsOnTheHostAcrossSaveAndRestore(
      MemoryTechnique technique, @TempDir Path directory) throws Exception {
    DefaultGuest guest = GuestFiles.orSkip();
    String script = script();
    Recorder output = new Recorder();
    Recorder console = new Recorder();
    MachineEnd end;
    try (Machine machine = new Machine(configuration(guest, script, 2, technique))) {
      machine.channel().addListener(output::take);
      machine.console().addListener(console::take);
      machine.start();
      assertThat(output.started.await(8, TimeUnit.MINUTES)).as(console::text).isTrue();
      saveAndRestore(machine);
      end = machine.awaitEnd();
    }
    assertThat(end.cause()).as(console::text).isEqualTo(MachineEnd.Cause.POWER_OFF);
    String inGuest = output.text().replace("\r", "");
    assertThat(inGuest).endsWith(MARK + " 0\n");
    assertThat(inGuest.substring(0, inGuest.indexOf(MARK)).strip())
        .isEqualTo(onTheHost(guest, script, directory).strip());
    assertThat(console.text()).doesNotContain("WARNING:", "BUG:", "Oops", "Call Trace");
  }

  @Test
  void paravirtualKernelGivesTheSameOutput(@TempDir Path directory) throws Exception {
    DefaultGuest guest = GuestFiles.orSkip();
    String script = script();
    Recorder output = new Recorder();
    MachineEnd end;
    try (Machine machine = new Machine(configuration(guest, script, 2, MemoryTechnique.DIRECT))) {
      machine.channel().addListener(output::take);
      machine.start();
      end = machine.awaitEnd();
    }
    assertThat(end.cause()).as(output::text).isEqualTo(MachineEnd.Cause.POWER_OFF);
    String inGuest = output.text().replace("\r", "");
    assertThat(inGuest).endsWith(MARK + " 0\n");
    assertThat(inGuest.substring(0, inGuest.indexOf(MARK)).strip())
        .isEqualTo(onTheHost(guest, script, directory).strip());
  }

  private static void saveAndRestore(Machine machine) {
    machine.pause();
    byte[] saved = machine.saveState();
    machine.restoreState(saved);
    assertThat(machine.saveState()).isEqualTo(saved);
    machine.resume();
  }

  private static MachineConfiguration configuration(
      DefaultGuest guest, String script, int cpus, MemoryTechnique technique) throws IOException {
    byte[] initrd =
        new DefaultInitramfs("guest", Optional.empty(), Optional.of(new GuestCommand(script, MARK)))
            .build(Files.readAllBytes(guest.busybox()));
    return new MachineConfiguration(
        "guest",
        512L << 20,
        cpus,
        new KernelFiles(ImageCache.ofUser(), Progress.SILENT).open(guest.kernel()),
        Optional.of(initrd),
        technique == MemoryTechnique.DIRECT
            ? "loglevel=0 panic=-1 rz.line=hvc0"
            : "console=ttyS0 panic=-1",
        List.of(),
        List.of(),
        HostLinks.NONE,
        new EngineConfiguration.Software(Execution.FASTEST, technique));
  }

  private static String script() throws IOException {
    try (InputStream in = DefaultGuestTest.class.getResourceAsStream("commands.sh")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Runs the script with the guest's own busybox and nothing else on the path. */
  private static String onTheHost(DefaultGuest guest, String script, Path directory)
      throws Exception {
    Path busybox = directory.resolve("busybox");
    Files.write(busybox, Files.readAllBytes(guest.busybox()));
    busybox.toFile().setExecutable(true);
    Path commands = Files.writeString(directory.resolve("commands.sh"), script);
    String install = "busybox --install -s . && exec sh " + commands;
    ProcessBuilder builder =
        new ProcessBuilder(busybox.toString(), "sh", "-c", install)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile());
    builder.environment().put("PATH", directory.toString());
    Process process = builder.start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Keeps what a console says. */
  private static final class Recorder {
    final CountDownLatch started = new CountDownLatch(1);
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    synchronized void take(byte[] chunk, int length) {
      bytes.write(chunk, 0, length);
      started.countDown();
    }

    synchronized String text() {
      return bytes.toString(StandardCharsets.ISO_8859_1);
    }
  }
}
