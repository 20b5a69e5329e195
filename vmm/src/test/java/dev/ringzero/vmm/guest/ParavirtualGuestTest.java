package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.network.nat.NatAttachment;
import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.vmm.machine.Balloon;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.DiskConfiguration;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's stock kernel with direct paging uses disk, network and balloon by its own drivers. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class ParavirtualGuestTest {
  private static final int SIZE = 16 << 20;
  private static final long INFLATED = 256L << 20;
  private static final String SCRIPT =
      """
      free_kib() { while read -r name value unit; do
        [ "$name" = MemFree: ] && echo $value; done </proc/meminfo; }
      cat /sys/block/xvda/size
      head -c 1000000 /bin/busybox | dd of=/dev/xvda bs=4k seek=100 conv=fsync 2>/dev/null
      echo 3 >/proc/sys/vm/drop_caches
      dd if=/dev/xvda bs=4k skip=100 2>/dev/null | head -c 1000000 | cmp - /bin/busybox -n 1000000
      echo same $?
      ping -c 1 10.0.2.2 >/dev/null; echo ping $?
      echo 0 >/sys/devices/system/cpu/cpu1/online && echo 1 >/sys/devices/system/cpu/cpu1/online
      nproc
      echo balloon up
      while [ $(free_kib) -gt 262144 ]; do usleep 20000; done
      md5sum </dev/xvda >/tmp/first
      echo balloon down
      while [ $(free_kib) -lt 300000 ]; do usleep 20000; done
      md5sum </dev/xvda | cmp - /tmp/first; echo same $?
      """;

  @Test
  void devicesAndMemoryAreOfUse(@TempDir Path directory) throws Exception {
    Path image = directory.resolve("disk.qcow2");
    DiskImages.create(image, DiskFormat.QCOW2, SIZE);
    try (ModuleGuest guest =
        ModuleGuest.paravirtual(
            2,
            List.of(DiskConfiguration.parse(image.toString())),
            List.of(new CardConfiguration(new NatAttachment(NatSettings.ordinary()))),
            List.of("xen_blkfront", "xen_netfront"),
            SCRIPT)) {
      Balloon balloon = guest.machine().balloon();
      guest.start();
      guest.await("balloon up");
      balloon.target(INFLATED);
      guest.await("balloon down");
      while (balloon.figures().actualBytes() != balloon.figures().targetBytes()) {
        Thread.onSpinWait();
      }
      GuestMemory.Statistics memory = guest.machine().memory().statistics();
      assertThat(memory.framesGiven() << 12)
          .isLessThanOrEqualTo(memory.ramBytes() - balloon.figures().actualBytes());
      balloon.target(0);
      assertThat(guest.awaitOutput())
          .isEqualTo(SIZE / 512 + "\nsame 0\nping 0\n2\nballoon up\nballoon down\nsame 0\n");
      assertThat(guest.machine().cards().getFirst().traffic().framesSent()).isPositive();
    }
    byte[] start = new byte[4];
    try (Disk disk = DiskImages.open(image, true, Optional.empty())) {
      disk.read(100 * 4096, ByteBuffer.wrap(start));
    }
    assertThat(start).containsExactly(0x7F, 'E', 'L', 'F');
  }
}
