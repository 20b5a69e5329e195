package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.engine.Execution;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.initramfs.DefaultInitramfs.Share;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.vmm.cpuid.CpuModel;
import dev.ringzero.vmm.cpuid.CpuModels;
import dev.ringzero.vmm.machine.ConsoleKind;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.ShareConfiguration;
import dev.ringzero.vmm.memory.MemoryTechnique;
import dev.ringzero.vmm.schedule.ProcessorShare;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Debian's KVM runs a guest inside the guest, on either vendor's virtualization. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class NestedGuestTest {
  private static final String MARK = "end-of-the-commands";
  private static final int SUM_OF_INPUTS = 500 * 501 / 2;

  @ParameterizedTest
  @CsvSource({"amd,kvm_amd", "intel,kvm_intel"})
  void kvmInTheGuestRunsAGuest(String model, String module, @TempDir Path directory)
      throws Exception {
    Path tools = Files.createDirectory(directory.resolve("tools"));
    compile(tools.resolve("monitor"));
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    DefaultGuest guest = GuestFiles.orSkip();
    try (Machine machine = new Machine(configuration(guest, tools, model, module))) {
      machine.channel().addListener((bytes, length) -> output.write(bytes, 0, length));
      machine.start();
      machine.awaitEnd();
    }
    assertThat(output.toString(StandardCharsets.UTF_8).replace("\r", ""))
        .isEqualTo(
            "in 500 out %d memory %d stored 7\n\n%s 0\n"
                .formatted(sumOfBytes(), SUM_OF_INPUTS & 0xFF, MARK));
  }

  private static int sumOfBytes() {
    int sum = 0;
    for (int n = 1; n <= 500; n++) {
      sum += n & 0xFF;
    }
    return sum;
  }

  private static void compile(Path program) throws Exception {
    Path source = Path.of(NestedGuestTest.class.getResource("monitor.c").toURI());
    try {
      Process compiler =
          new ProcessBuilder("gcc", "-static", "-O1", "-o", program.toString(), source.toString())
              .redirectErrorStream(true)
              .start();
      String complaint = new String(compiler.getInputStream().readAllBytes());
      if (compiler.waitFor() != 0) {
        abort("skipped: gcc cannot make a static program here: " + complaint);
      }
    } catch (IOException e) {
      abort("skipped: there is no gcc here");
    }
  }

  private static MachineConfiguration configuration(
      DefaultGuest guest, Path tools, String modelName, String module) throws IOException {
    CpuModel model = CpuModels.named(modelName).orElseThrow();
    byte[] initrd =
        new DefaultInitramfs(
                "guest",
                Optional.empty(),
                Optional.of(new GuestCommand("/mnt/tools/monitor 2>&1", MARK)),
                GuestFiles.modules(List.of("virtio_pci", "virtiofs", module)),
                List.of(new Share("share0", "/mnt/tools", true)))
            .build(Files.readAllBytes(guest.busybox()));
    return new MachineConfiguration(
        "guest",
        512L << 20,
        1,
        new KernelFiles(ImageCache.ofUser(), Progress.SILENT).open(guest.kernel()),
        Optional.of(initrd),
        "console=ttyS0 panic=-1 quiet loglevel=0",
        List.of(),
        List.of(),
        new HostLinks(
            List.of(new ShareConfiguration(tools, "/mnt/tools", true)),
            Optional.empty(),
            ConsoleKind.SERIAL),
        new EngineConfiguration.Software(
            Execution.FASTEST, MemoryTechnique.EPT, ProcessorShare.USUAL, model, false));
  }
}
