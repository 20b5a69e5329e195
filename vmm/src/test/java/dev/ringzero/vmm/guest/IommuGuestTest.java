package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Linux uses the IOMMU: every device in a group, interrupts remapped, a disk behind it, a balloon
 * beside it.
 */
@Timeout(300)
final class IommuGuestTest {
  private static final String SCRIPT =
      """
      dmesg | grep -o 'Enabled IRQ remapping in .* mode'
      ls -d /sys/kernel/iommu_groups/*/devices/0000:00:0[2-4].0 | wc -l
      dd if=/dev/zero bs=64k count=64 2>/dev/null | tr '\\0' R >/tmp/out
      dd if=/tmp/out of=/dev/vda bs=64k oflag=direct 2>/dev/null
      dd if=/dev/vda bs=256k count=16 iflag=direct 2>/dev/null | cmp - /tmp/out && echo same
      grep -c 'IR-PCI-MSI.*virtio.*req' /proc/interrupts
      until awk '/reporting/ { n = $2 + $3 } END { exit n == 0 }' /proc/interrupts; do sleep 0.1; done
      echo the balloon is heard
      dmesg | grep -ciE 'DMAR:.*fault|call trace'
      """;

  @Test
  void diskBehindAnIommuKeepsWhatIsWritten(@TempDir Path directory) throws Exception {
    Path disk = directory.resolve("disk.img");
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(8 << 20);
    }
    try (ModuleGuest guest =
        new ModuleGuest(
            2,
            List.of(new DiskConfiguration(disk, false, Optional.empty())),
            List.of("virtio_pci", "virtio_blk", "virtio_balloon"),
            SCRIPT,
            "intel_iommu=on",
            EngineConfiguration.Software.FASTEST.with(true))) {
      guest.start();
      assertThat(guest.awaitOutput())
          .startsWith(
              "Enabled IRQ remapping in x2apic mode\n3\nsame\n2\nthe balloon is heard\n0\n");
    }
  }
}
