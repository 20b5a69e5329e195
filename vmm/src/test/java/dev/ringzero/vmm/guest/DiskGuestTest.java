package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.images.module.KernelModule;
import dev.ringzero.images.module.ModuleArchive;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.MachineEnd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
  private static final String MARK = "end-of-the-commands";
  private static final int SIZE = 16 << 20;
  private static final String SCRIPT =
      """
      cat /sys/block/vda/size
      head -c 1000000 /bin/busybox | dd of=/dev/vda bs=4k seek=100 conv=fsync 2>/dev/null
      echo 3 >/proc/sys/vm/drop_caches
      dd if=/dev/vda bs=4k skip=100 2>/dev/null | head -c 1000000 | cmp - /bin/busybox -n 1000000
      echo same $?
      """;

  @Test
  void whatAGuestWritesIsInTheImage(@TempDir Path directory) throws Exception {
    Path image = directory.resolve("disk.qcow2");
    DiskImages.create(image, DiskFormat.QCOW2, SIZE);
    DefaultGuest guest = defaultGuest();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    MachineEnd end;
    try (Machine machine = new Machine(configuration(guest, image))) {
      machine.channel().addListener((bytes, length) -> output.write(bytes, 0, length));
      machine.start();
      end = machine.awaitEnd();
    }
    assertThat(end.cause()).isEqualTo(MachineEnd.Cause.POWER_OFF);
    assertThat(output.toString(StandardCharsets.UTF_8).replace("\r", ""))
        .isEqualTo(SIZE / 512 + "\nsame 0\n\n" + MARK + " 0\n");
    byte[] written = new byte[1_000_000];
    try (Disk disk = DiskImages.open(image, true, Optional.empty())) {
      disk.read(100 * 4096, ByteBuffer.wrap(written));
    }
    assertThat(written).isEqualTo(head(guest.busybox(), written.length));
  }

  private static byte[] head(Path file, int length) throws IOException {
    return ByteBuffer.allocate(length).put(Files.readAllBytes(file), 0, length).array();
  }

  private static DefaultGuest defaultGuest() {
    try {
      return DefaultGuest.prepare(ImageCache.ofUser(), Progress.SILENT);
    } catch (ImageException e) {
      return abort("skipped: the default guest cannot be fetched here: " + e.getMessage());
    }
  }

  private static MachineConfiguration configuration(DefaultGuest guest, Path image)
      throws IOException {
    ImageCache cache = ImageCache.ofUser();
    List<KernelModule> modules;
    try (ModuleArchive archive = new ModuleArchive(DefaultGuest.modules(cache, Progress.SILENT))) {
      modules = archive.closure(List.of("virtio_pci", "virtio_blk"));
    }
    byte[] initrd =
        new DefaultInitramfs(
                "guest",
                Optional.empty(),
                Optional.of(new GuestCommand(SCRIPT, MARK)),
                modules,
                List.of())
            .build(Files.readAllBytes(guest.busybox()));
    return new MachineConfiguration(
        "guest",
        512L << 20,
        1,
        new KernelFiles(cache, Progress.SILENT).open(guest.kernel()),
        Optional.of(initrd),
        "console=ttyS0 panic=-1 quiet",
        List.of(new DiskConfiguration(image, false, Optional.empty())),
        List.of(),
        HostLinks.NONE,
        EngineConfiguration.Software.FASTEST);
  }
}
