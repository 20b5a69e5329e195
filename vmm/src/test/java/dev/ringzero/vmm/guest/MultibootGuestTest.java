package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.images.kernel.MultibootKernel;
import dev.ringzero.images.kernel.MultibootKernel.Module;
import dev.ringzero.testkit.FakeMultiboot;
import dev.ringzero.vmm.boot.BootException;
import dev.ringzero.vmm.machine.ConsoleKind;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.MachineEnd;
import dev.ringzero.vmm.machine.TestDevices;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A small multiboot kernel finds its module, and ends its machine with what lies in it. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
final class MultibootGuestTest {
  private static final byte VALUE = 21;

  @TempDir private Path directory;

  private static byte[] code(String hexadecimal) {
    return HexFormat.of().parseHex(hexadecimal.replace(" ", ""));
  }

  private MachineEnd run(byte[] kernel) throws Exception {
    Path file = directory.resolve("kernel.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(kernel);
    }
    MultibootKernel opened =
        (MultibootKernel) new KernelFiles(new ImageCache(directory), Progress.SILENT).open(file);
    try (Machine machine = new Machine(configuration(opened))) {
      machine.start();
      return machine.awaitEnd();
    }
  }

  private static MachineConfiguration configuration(MultibootKernel kernel) throws IOException {
    return configuration(kernel, "debug-exit=0x500");
  }

  private static MachineConfiguration configuration(MultibootKernel kernel, String exit)
      throws IOException {
    return new MachineConfiguration(
        "multiboot",
        32L << 20,
        1,
        kernel.with(List.of(new Module(new byte[] {VALUE}, "module"))),
        Optional.empty(),
        "kernel",
        List.of(),
        List.of(),
        new HostLinks(
            List.of(),
            Optional.empty(),
            ConsoleKind.SERIAL,
            TestDevices.parse(List.of(exit, "testdev"))),
        EngineConfiguration.Software.FASTEST);
  }

  @Test
  void aKernelOfTheFirstVersionReadsItsModule() throws Exception {
    // mov esi, [ebx + 24]; mov esi, [esi]; movzx eax, byte [esi]; mov dx, 0x500; out dx, eax
    MachineEnd end = run(FakeMultiboot.version1(code("8b73 18 8b36 0fb606 66ba0005 ef f4")));

    assertThat(end.cause()).as(end.detail()).isEqualTo(MachineEnd.Cause.EXITED);
    assertThat(end.status()).isEqualTo(2 * VALUE + 1);
  }

  @Test
  void aKernelOfTheSecondVersionKnowsWhoLoadedIt() throws Exception {
    // sub eax, 0x36d76289; mov dx, 0x500; out dx, eax
    MachineEnd end = run(FakeMultiboot.version2(code("2d8962d736 66ba0005 ef f4")));

    assertThat(end.cause()).as(end.detail()).isEqualTo(MachineEnd.Cause.EXITED);
    assertThat(end.status()).isEqualTo(1);
  }

  @Test
  void anExitPortWhereAnotherDeviceIsIsRefused() throws Exception {
    Path file = Files.write(directory.resolve("kernel"), FakeMultiboot.version1(code("f4")));
    MultibootKernel opened =
        (MultibootKernel) new KernelFiles(new ImageCache(directory), Progress.SILENT).open(file);

    assertThatThrownBy(() -> new Machine(configuration(opened, "debug-exit=0x3f6")))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("other devices answer there");
  }
}
