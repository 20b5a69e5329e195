package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.ImageException;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.vmm.machine.DeviceView;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.Machine;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disks come and go while Debian's kernel runs, found by its own pciehp. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class HotPlugGuestTest {
  private static final int SIZE = 16 << 20;
  private static final String SCRIPT =
      """
      await() { while ! eval "$1"; do usleep 20000; done; }
      function_of() { basename $(dirname $(readlink -f /sys/block/$1/device)); }

      echo want a disk
      await '[ -b /dev/vda ]'
      cat /sys/block/vda/serial; echo
      head -c 500000 /bin/busybox >/dev/vda; sync

      pci=$(function_of vda)
      echo $pci >/sys/bus/pci/drivers/virtio-pci/unbind
      await '[ ! -e /sys/block/vda ]'
      echo 1 >/sys/bus/pci/devices/$pci/reset && echo reset
      echo $pci >/sys/bus/pci/drivers/virtio-pci/bind
      await '[ -b /dev/vda ]'
      echo found again

      ( while dd if=/dev/vda of=/dev/null bs=64k iflag=direct 2>/dev/null; do :; done ) &
      exec 3<>/dev/vda
      ( while dd if=/bin/busybox of=/proc/self/fd/3 bs=64k seek=8 2>/dev/null; do :; done ) &
      exec 3>&-
      echo take it out
      await '[ ! -e /sys/block/vda ]'
      echo gone

      echo want another
      await '[ -e /sys/block/vda/size ]'
      cat /sys/block/vda/size
      echo pull it out
      await '[ ! -e /sys/block/vda ]'
      dmesg | grep -E 'WARNING|BUG|blocked for more' | head -3
      """;

  @TempDir Path directory;

  private DiskConfiguration disk(String name) {
    Path path = directory.resolve(name);
    DiskImages.create(path, DiskFormat.of(path), SIZE);
    return DiskConfiguration.parse(path + ",serial=" + name);
  }

  @Test
  void disksComeAndGoUnderLoad() throws Exception {
    DiskConfiguration first = disk("first.qcow2");
    DiskConfiguration second = disk("second.img");
    List<String> modules = List.of("virtio_pci", "virtio_blk");
    try (ModuleGuest guest = new ModuleGuest(1, List.of(), modules, SCRIPT)) {
      Machine machine = guest.machine();
      guest.start();
      guest.await("want a disk");
      String id = machine.insert(Optional.empty(), first);
      assertThat(machine.devices())
          .containsExactly(new DeviceView(id, "disk", first.file().toString(), 1));
      guest.await("take it out");
      machine.remove(id, false);
      guest.await("want another");
      machine.insert(Optional.of("other"), second);
      guest.await("pull it out");
      machine.remove("other", true);
      assertThat(guest.awaitOutput())
          .isEqualTo(
              "want a disk\nfirst.qcow2\nreset\nfound again\ntake it out\ngone\n"
                  + "want another\n32768\npull it out\n");
      assertThat(machine.devices()).isEmpty();
    }
    byte[] written = new byte[4];
    try (Disk image = DiskImages.open(first.file(), false, Optional.empty())) {
      image.read(0, ByteBuffer.wrap(written));
    }
    assertThat(written).containsExactly(0x7F, 'E', 'L', 'F');
  }

  @Test
  void whatCannotBeIsRefusedInWords() throws Exception {
    try (ModuleGuest guest =
        new ModuleGuest(1, List.of(disk("board.img")), List.of(), "echo nothing")) {
      Machine machine = guest.machine();
      for (int i = 0; i < 4; i++) {
        assertThat(machine.insert(Optional.empty(), disk(i + ".img"))).isEqualTo("disk" + (i + 1));
      }
      DiskConfiguration tooMany = disk("5.img");
      assertThatThrownBy(() -> machine.insert(Optional.empty(), tooMany))
          .isInstanceOf(ImageException.class)
          .hasMessageContaining("all 4 slots are taken");
      assertThatThrownBy(() -> machine.insert(Optional.of("disk1"), tooMany))
          .hasMessage("there is a device disk1 already");
      assertThatThrownBy(() -> machine.remove("disk0", true)).hasMessageContaining("of the board");
      assertThatThrownBy(() -> machine.remove("none", true)).hasMessage("there is no device none");
      machine.remove("disk2", true);
      while (machine.devices().size() > 4) {
        Thread.onSpinWait();
      }
      assertThat(machine.insert(Optional.of("again"), tooMany)).isEqualTo("again");
    }
  }
}
