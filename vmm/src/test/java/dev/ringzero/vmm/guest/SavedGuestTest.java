package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Execution;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.kernel.Kernel;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.images.kernel.ResidentKernel;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.MachineEnd;
import dev.ringzero.vmm.machine.SavedMachine;
import dev.ringzero.vmm.memory.MemoryTechnique;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real guests that are saved in the middle of their work and go on as other machines. */
class SavedGuestTest {
  private static final String MARK = "0123456789abcdef";

  /** Works on, and says where it is; the answer depends on all that went before. */
  private static final String SCRIPT =
      """
      i=0
      sum=start
      (while true; do :; done) &
      while [ $i -lt 30 ]; do
        sum=$(echo $sum $i | sha256sum | cut -c1-16)
        echo $sum >/tmp/$i
        i=$((i + 1))
        [ $i = 10 ] && echo middle
      done
      cat /tmp/0 /tmp/9 /tmp/29
      """;

  @ParameterizedTest
  @CsvSource({"EPT, 2", "SHADOW, 2"})
  void savedGuestsGoOnAsOtherMachines(MemoryTechnique technique, int cpus, @TempDir Path directory)
      throws Exception {
    DefaultGuest guest = GuestFiles.orSkip();
    Kernel kernel = new KernelFiles(ImageCache.ofUser(), Progress.SILENT).open(guest.kernel());
    byte[] initrd =
        new DefaultInitramfs("guest", Optional.empty(), Optional.of(new GuestCommand(SCRIPT, MARK)))
            .build(Files.readAllBytes(guest.busybox()));
    Path ram = directory.resolve("ram");
    SavedMachine saved;
    Recorder original = new Recorder();
    CountDownLatch middle = new CountDownLatch(1);
    try (Machine machine = new Machine(configuration(kernel, initrd, technique, cpus))) {
      machine.channel().addListener(original::take);
      machine
          .channel()
          .addListener((bytes, length) -> {
            if (original.text().contains("middle")) {
              middle.countDown();
            }
          });
      machine.start();
      middle.await();
      machine.pause();
      saved = save(machine, ram);
      machine.resume();
      assertThat(machine.awaitEnd().cause()).isEqualTo(MachineEnd.Cause.POWER_OFF);
    }
    saved.memory().verify();
    String rest = afterMiddle(original);
    assertThat(rest).endsWith(MARK + " 0\n");
    for (int copy = 0; copy < 2; copy++) {
      Recorder output = new Recorder();
      try (Machine machine =
          new Machine(configuration(new ResidentKernel(), new byte[0], technique, cpus), saved)) {
        machine.channel().addListener(output::take);
        assertThat(machine.saveState()).isEqualTo(saved.state());
        machine.renewGeneration();
        machine.start();
        assertThat(machine.awaitEnd().cause()).isEqualTo(MachineEnd.Cause.POWER_OFF);
      }
      String itsRest = output.text().replace("\r", "");
      assertThat(itsRest).endsWith(MARK + " 0\n");
      assertThat(rest).as("copy " + copy).endsWith(itsRest);
    }
    saved.memory().verify();
  }

  private static SavedMachine save(Machine machine, Path ram) throws IOException {
    try (FileChannel channel =
        FileChannel.open(ram, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      return machine.save(channel, ram);
    }
  }

  private static String afterMiddle(Recorder output) {
    String text = output.text().replace("\r", "");
    return text.substring(text.indexOf("middle"));
  }

  private static MachineConfiguration configuration(
      Kernel kernel, byte[] initrd, MemoryTechnique technique, int cpus) {
    return new MachineConfiguration(
        "guest",
        256L << 20,
        cpus,
        kernel,
        Optional.of(initrd),
        "console=ttyS0 panic=-1",
        List.of(),
        List.of(),
        HostLinks.NONE,
        new EngineConfiguration.Software(Execution.FASTEST, technique));
  }

  private static final class Recorder {
    private final StringBuilder text = new StringBuilder();

    synchronized void take(byte[] bytes, int length) {
      text.append(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }

    synchronized String text() {
      return text.toString();
    }
  }
}
