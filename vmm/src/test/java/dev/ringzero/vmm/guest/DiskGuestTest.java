package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.vmm.machine.DiskConfiguration;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's stock kernel uses a disk through its own virtio modules. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class DiskGuestTest {
  private static final int SIZE = 16 << 20;
  private static final String SCRIPT =
      """
      cat /sys/block/vda/size
      head -c 1000000 /bin/busybox | dd of=/dev/vda bs=4k seek=100 conv=fsync 2>/dev/null
      echo 3 >/proc/sys/vm/drop_caches
      dd if=/dev/vda bs=4k skip=100 2>/dev/null | head -c 1000000 | cmp - /bin/busybox -n 1000000
      echo same $?
      cat /sys/block/vda/queue/write_cache
      ls /sys/block/vda/mq | wc -l
      """;

  @Test
  void whatAGuestWritesIsInTheImage(@TempDir Path directory) throws Exception {
    Path image = directory.resolve("disk.qcow2");
    DiskImages.create(image, DiskFormat.QCOW2, SIZE);
    List<DiskConfiguration> disks = List.of(DiskConfiguration.parse(image + ",queues=2"));
    try (ModuleGuest guest =
        new ModuleGuest(2, disks, List.of("virtio_pci", "virtio_blk"), SCRIPT)) {
      guest.start();
      assertThat(guest.awaitOutput()).isEqualTo(SIZE / 512 + "\nsame 0\nwrite back\n2\n");
    }
    byte[] start = new byte[4];
    try (Disk disk = DiskImages.open(image, true, Optional.empty())) {
      disk.read(100 * 4096, ByteBuffer.wrap(start));
    }
    assertThat(start).containsExactly(0x7F, 'E', 'L', 'F');
  }
}
