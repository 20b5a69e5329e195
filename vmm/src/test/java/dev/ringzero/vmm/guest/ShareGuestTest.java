package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.initramfs.DefaultInitramfs.Share;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.images.module.KernelModule;
import dev.ringzero.vmm.machine.ConsoleKind;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.MachineEnd;
import dev.ringzero.vmm.machine.ShareConfiguration;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
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

/** Debian's stock kernel works in a folder of the host through its own virtiofs module. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class ShareGuestTest {
  private static final String MARK = "end-of-the-commands";
  private static final String SCRIPT =
      """
      cd /mnt/shared
      cat greeting
      mkdir -p a/b && mv a/b c && echo moved >c/file && ln c/file hard && ln -s ../secret out
      cat out 2>/dev/null || echo no way out
      cp /bin/busybox busybox && ./busybox cmp busybox /bin/busybox && echo runs
      exec 5<>gone; rm gone; echo kept >&5; cat /proc/self/fd/5
      i=0; while [ $i -lt 200 ]; do echo $i >c/f$i; i=$((i+1)); done; ls c | wc -l
      echo 3 >/proc/sys/vm/drop_caches; cat c/f7 c/f199; rm -r c
      touch /mnt/fixed/x 2>/dev/null || echo read only
      """;

  private static final String SCRIPT_ACROSS_A_RESTORE =
      """
      cd /mnt/shared
      mkdir d; exec 5<>d/open; echo before >&5
      i=0; while [ $i -lt 50 ]; do echo $i >d/f$i; i=$((i+1)); done
      echo save
      while [ ! -e go ]; do sleep 0.1; done
      echo behind >&5; cat d/open
      cat d/f49; mv d e; echo moved >e/f50; ls e | wc -l
      """;

  @Test
  void aGuestGoesOnWithItsFilesAfterARestore(@TempDir Path directory) throws Exception {
    Path shared = Files.createDirectory(directory.resolve("shared"));
    DefaultGuest guest = GuestFiles.orSkip();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    CountDownLatch ready = new CountDownLatch(1);
    try (Machine machine = new Machine(configuration(guest, shared, SCRIPT_ACROSS_A_RESTORE))) {
      machine
          .channel()
          .addListener((bytes, length) -> {
            output.write(bytes, 0, length);
            if (output.toString(StandardCharsets.US_ASCII).contains("save")) {
              ready.countDown();
            }
          });
      machine.start();
      ready.await();
      machine.pause();
      byte[] saved = machine.saveState();
      machine.restoreState(saved);
      assertThat(machine.saveState()).isEqualTo(saved);
      machine.resume();
      Files.createFile(shared.resolve("go"));
      machine.awaitEnd();
    }
    assertThat(output.toString(StandardCharsets.UTF_8).replace("\r", ""))
        .isEqualTo("save\nbefore\nbehind\n49\n52\n\n%s 0\n".formatted(MARK));
    assertThat(shared.resolve("e/f50")).hasContent("moved\n");
  }

  @Test
  void aGuestWorksInFoldersOfTheHost(@TempDir Path directory) throws Exception {
    Path shared = Files.createDirectory(directory.resolve("shared"));
    Files.writeString(directory.resolve("secret"), "of the host\n");
    Files.writeString(shared.resolve("greeting"), "hello\n");
    DefaultGuest guest = GuestFiles.orSkip();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    MachineEnd end;
    try (Machine machine = new Machine(configuration(guest, shared, SCRIPT))) {
      machine.channel().addListener((bytes, length) -> output.write(bytes, 0, length));
      machine.start();
      end = machine.awaitEnd();
    }
    assertThat(end.cause()).isEqualTo(MachineEnd.Cause.POWER_OFF);
    assertThat(output.toString(StandardCharsets.UTF_8).replace("\r", ""))
        .isEqualTo(
            """
            hello
            no way out
            runs
            kept
            201
            7
            199
            read only

            %s 0
            """
                .formatted(MARK));
    assertThat(Files.mismatch(shared.resolve("busybox"), guest.busybox())).isEqualTo(-1);
    assertThat(shared.resolve("hard")).hasContent("moved\n");
    assertThat(Files.readSymbolicLink(shared.resolve("out"))).hasToString("../secret");
    assertThat(shared.resolve("c")).doesNotExist();
  }

  private static MachineConfiguration configuration(DefaultGuest guest, Path folder, String script)
      throws IOException {
    ImageCache cache = ImageCache.ofUser();
    List<KernelModule> modules =
        GuestFiles.modules(List.of("virtio_pci", "virtiofs", "virtio_console"));
    List<Share> mounts =
        List.of(new Share("share0", "/mnt/shared", false), new Share("share1", "/mnt/fixed", true));
    byte[] initrd =
        new DefaultInitramfs(
                "guest",
                Optional.empty(),
                Optional.of(new GuestCommand(script, MARK)),
                modules,
                mounts)
            .build(Files.readAllBytes(guest.busybox()));
    List<ShareConfiguration> shares =
        List.of(
            new ShareConfiguration(folder, "/mnt/shared", false),
            new ShareConfiguration(folder, "/mnt/fixed", true));
    return new MachineConfiguration(
        "guest",
        512L << 20,
        1,
        new KernelFiles(cache, Progress.SILENT).open(guest.kernel()),
        Optional.of(initrd),
        "console=ttyS0 panic=-1 quiet",
        List.of(),
        List.of(),
        new HostLinks(shares, Optional.empty(), ConsoleKind.VIRTIO),
        EngineConfiguration.Software.FASTEST);
  }
}
