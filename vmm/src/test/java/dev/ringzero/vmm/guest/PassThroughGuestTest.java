package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.initramfs.DefaultInitramfs.Share;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.network.nat.NatAttachment;
import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.ConsoleKind;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.ShareConfiguration;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's vfio-pci takes a virtual function, and a program drives it: its addresses go through the
 * program's domain, its interrupts to the program, and what it reaches for outside is refused.
 */
@Timeout(300)
final class PassThroughGuestTest {
  private static final String MARK = "end-of-the-commands";
  private static final String SCRIPT =
      """
      cd /sys/bus/pci/devices
      card=0000:01:00.0
      vf=0000:01:00.1
      echo 2 >$card/sriov_numvfs
      echo $vf >$vf/driver/unbind
      echo vfio-pci >$vf/driver_override
      echo $vf >/sys/bus/pci/drivers_probe
      basename $(readlink $vf/driver)
      /mnt/tools/vfio $vf $(basename $(readlink $vf/iommu_group))
      dmesg | grep -o 'DMA Write.*\\[01:00.1\\] fault addr 0x[0-9a-f]*' | sort -u
      ping -c 1 -w 20 10.0.2.2 | grep -o '1 packets received'
      echo 0 >$card/sriov_numvfs
      dmesg | grep -ciE 'call trace|virtio.*(fail|error)'
      """;

  @Test
  void programDrivesAVirtualFunctionThroughVfio(@TempDir Path directory) throws Exception {
    Path tools = Files.createDirectory(directory.resolve("tools"));
    compile(tools.resolve("vfio"));
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    DefaultGuest guest = GuestFiles.orSkip();
    long refusals;
    try (Machine machine = new Machine(configuration(guest, tools))) {
      machine.channel().addListener((bytes, length) -> output.write(bytes, 0, length));
      machine.start();
      machine.awaitEnd();
      refusals = (Long) machine.pci().iommu().orElseThrow().get("refusals");
    }
    assertThat(output.toString(StandardCharsets.UTF_8).replace("\r", ""))
        .startsWith(
            """
            vfio-pci
            viable 1
            interrupt 1 answer from 10.0.2.2
            done
            after reset status 0
            DMA Write NO_PASID] Request device [01:00.1] fault addr 0x200000000
            1 packets received
            0
            """);
    assertThat(refusals).isPositive();
  }

  private static void compile(Path program) throws Exception {
    Path source = Path.of(PassThroughGuestTest.class.getResource("vfio.c").toURI());
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

  private static MachineConfiguration configuration(DefaultGuest guest, Path tools)
      throws IOException {
    CardConfiguration card =
        new CardConfiguration(
            new NatAttachment(NatSettings.ordinary()),
            OptionalLong.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            2);
    byte[] initrd =
        new DefaultInitramfs(
                "guest",
                Optional.empty(),
                Optional.of(new GuestCommand(SCRIPT, MARK)),
                GuestFiles.modules(
                    List.of(
                        "virtio_pci", "virtio_net", "virtiofs", "vfio_pci", "vfio_iommu_type1")),
                List.of(new Share("share0", "/mnt/tools", true)))
            .build(Files.readAllBytes(guest.busybox()));
    return new MachineConfiguration(
        "guest",
        512L << 20,
        1,
        new KernelFiles(ImageCache.ofUser(), Progress.SILENT).open(guest.kernel()),
        Optional.of(initrd),
        "console=ttyS0 panic=-1 quiet loglevel=0 intel_iommu=on",
        List.of(),
        List.of(card),
        new HostLinks(
            List.of(new ShareConfiguration(tools, "/mnt/tools", true)),
            Optional.empty(),
            ConsoleKind.SERIAL),
        EngineConfiguration.Software.FASTEST.with(true));
  }
}
