package dev.ringzero.control.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.control.run.ImageGuest.Outcome;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.images.store.ImageStore;
import dev.ringzero.vmm.machine.DiskConfiguration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How the root of a guest comes from a disk, and what becomes of what the guest writes there. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class ImageBootTest {
  @TempDir private Path directory;

  private static Optional<ImageChoice> choice(Path image, boolean persistent) {
    return Optional.of(new ImageChoice(image.toString(), persistent));
  }

  @BeforeAll
  static void kernel() {
    ImageGuest.requireKernel();
  }

  @Test
  void changesAreThrownAwayUnlessTheyAreToBeKept() throws Exception {
    Path image = ImageGuest.build(directory.resolve("small.qcow2"));
    byte[] asBuilt = Files.readAllBytes(image);

    String write = "echo kept >/root/file; cat /root/file; exit 3";
    assertThat(ImageGuest.run(image, write).status()).hasValue(3);
    assertThat(ImageGuest.run(image, "cat /root/file").status()).hasValue(1);
    ImageGuest.run(choice(image, true), List.of(), "quiet", write);
    Outcome kept = ImageGuest.run(choice(image, true), List.of(), "quiet", "cat /root/file");
    assertThat(kept.output()).isEqualTo("kept\n");
    assertThat(Files.readAllBytes(image)).isEqualTo(asBuilt);
    assertThat(ImageStore.changes(image)).exists();
  }

  @Test
  void whatAGuestSyncedIsThereWhenItWasKilled() throws Exception {
    Path image = ImageGuest.build(directory.resolve("small.img"));
    String write =
        """
        i=0
        while true; do
          i=$((i + 1))
          mkdir -p /root/$((i % 20))
          head -c $((i * 1000)) /usr/bin/busybox >/root/$((i % 20))/file
          mv /root/$((i % 20))/file /root/$((i % 20))/$i
          echo $i >/root/last.new && sync && mv /root/last.new /root/last && sync
          echo $i
        done
        """;
    String check =
        """
        dmesg | grep -c 'EXT4-fs.*recovery complete'
        dmesg | grep -ci 'ext4-fs error'
        last=$(cat /root/last)
        head -c $((last * 1000)) /usr/bin/busybox | cmp - /root/$((last % 20))/$last && echo same
        echo $last
        """;
    ImageGuest.runUntil(choice(image, true), write, "\n30\n");
    Outcome outcome = ImageGuest.run(choice(image, true), List.of(), "quiet", check);
    assertThat(outcome.output()).startsWith("1\n0\nsame\n");
    int last = Integer.parseInt(outcome.output().strip().lines().reduce((a, b) -> b).orElseThrow());
    assertThat(last).isGreaterThanOrEqualTo(30);
  }

  @Test
  void aDiskNamedOnTheCommandLineIsTheRoot() throws Exception {
    Path image = ImageGuest.build(directory.resolve("small.img"));
    List<DiskConfiguration> disks = List.of(DiskConfiguration.parse(image + ",ro"));
    Outcome outcome =
        ImageGuest.run(
            Optional.empty(),
            disks,
            "quiet root=LABEL=test ro",
            "grep ' / ' /proc/mounts | cut -d' ' -f1-3; touch /file 2>/dev/null");
    assertThat(outcome.output()).isEqualTo("/dev/vda / ext4\n");
    assertThat(outcome.status()).hasValue(1);
  }

  @Test
  void aRootThatIsNotThereEndsTheGuestWithAMessage() throws Exception {
    Outcome outcome = ImageGuest.run(Optional.empty(), List.of(), "quiet root=/dev/vdz", "true");
    assertThat(outcome.status()).isEmpty();
    assertThat(outcome.end().cause()).isEqualTo(GuestEnd.Cause.POWER_OFF);
  }

  @Test
  void anImageOfAStrangersCannotNameAFileElsewhere() throws Exception {
    Path secret = directory.resolve("secret.img");
    DiskImages.create(secret, DiskFormat.RAW, 1 << 20);
    Path folder = Files.createDirectory(directory.resolve("folder"));
    Path image = folder.resolve("image.qcow2");
    DiskImages.createOverlay(image, secret);
    assertThatThrownBy(() -> ImageGuest.run(choice(image, false), List.of(), "", "true"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("outside its own folder");
  }

  @Test
  void anImageThatNobodyKnowsIsNamed() {
    assertThatThrownBy(
            () -> ImageGuest.run(choice(directory.resolve("no.img"), false), List.of(), "", "true"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("no image named");
  }
}
