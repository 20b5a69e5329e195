package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.images.disk.DiskReport;
import dev.ringzero.vmm.machine.DiskConfiguration;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process of a machine is killed while its guest writes files to ext4 and syncs them. {@code
 * -Drz.kills=100} kills it more often.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
final class KillStormGuestTest {
  private static final int KILLS = Integer.getInteger("rz.kills", 1);
  private static final int SIZE = 64 << 20;

  /** What was durable must be there and whole; then further files are written. */
  private static final String SCRIPT =
      """
      last=%d
      content() { echo $1; head -c 60000 /bin/busybox; echo $1; }
      mkdir /mnt
      mount -t ext4 /dev/vda /mnt || echo bad mount
      n=$((last > 40 ? last - 40 : 1))
      while [ $n -le $last ]; do
        content $n | cmp -s - /mnt/f$((n %% 200)) || echo bad $n
        n=$((n + 1))
      done
      echo checked
      while :; do
        content $n >/mnt/f$((n %% 200))
        sync
        echo durable $n
        n=$((n + 1))
      done
      """;

  @TempDir Path directory;

  /** Runs the guest in a process of its own, and says what the guest says. */
  static final class Machine {
    public static void main(String[] arguments) throws Exception {
      DiskConfiguration disk = DiskConfiguration.parse(arguments[0]);
      List<String> modules = List.of("virtio_pci", "virtio_blk", "crc32c_generic", "ext4");
      String script = SCRIPT.formatted(Integer.parseInt(arguments[1]));
      try (ModuleGuest guest = new ModuleGuest(1, List.of(disk), modules, script)) {
        guest
            .machine()
            .channel()
            .addListener((bytes, length) -> {
              System.out.write(bytes, 0, length);
              System.out.flush();
            });
        guest.start();
        guest.awaitOutput();
      }
    }
  }

  @Test
  void whatAGuestSyncedSurvivesTheEndOfItsMachine() throws Exception {
    ModuleGuest.skipUnlessThere();
    Path plain = directory.resolve("ext4.img");
    assertThat(tool("mkfs.ext4", "-q", plain.toString(), Integer.toString(SIZE >> 10))).isZero();
    Path image = directory.resolve("disk.qcow2");
    DiskImages.create(image, DiskFormat.QCOW2, SIZE);
    copy(plain, image);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(5);
    int durable = 0;
    for (int i = 0; i < KILLS; i++) {
      durable = killedWhileWriting(image, durable, 5 + random.nextInt(20));
      assertThat(DiskReport.check(image).orElseThrow().errors()).isZero();
    }
    killedWhileWriting(image, durable, 1);
    export(image, plain);
    assertThat(tool("e2fsck", "-y", "-E", "journal_only", plain.toString())).isLessThan(2);
    assertThat(tool("e2fsck", "-f", "-n", plain.toString())).as("e2fsck").isZero();
  }

  /** Runs a machine until it has said so many times that a file is durable, and kills it. */
  private static int killedWhileWriting(Path image, int durable, int files) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Machine.class.getName(),
                image.toString(),
                Integer.toString(durable))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int last = durable;
    boolean killed = false;
    try (BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getInputStream()))) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        assertThat(line).doesNotStartWith("bad");
        if (line.strip().matches("durable \\d+")) {
          last = Integer.parseInt(line.strip().substring("durable ".length()));
        }
        if (!killed && last >= durable + files) {
          killed = true;
          process.toHandle().destroyForcibly();
        }
      }
    } finally {
      process.destroyForcibly();
    }
    process.waitFor();
    assertThat(killed).isTrue();
    return last;
  }

  private static void copy(Path plain, Path image) throws IOException {
    try (FileChannel from = FileChannel.open(plain);
        Disk to = DiskImages.open(image, false, Optional.empty())) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
      for (long at = 0; from.read(buffer.clear(), at) > 0; at += buffer.limit()) {
        to.write(at, buffer.flip());
      }
    }
  }

  private static void export(Path image, Path plain) throws IOException {
    try (Disk from = DiskImages.open(image, true, Optional.empty());
        FileChannel to = FileChannel.open(plain, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
      for (long at = 0; at < SIZE; at += buffer.capacity()) {
        from.read(at, buffer.clear());
        to.write(buffer.flip(), at);
      }
    }
  }

  private static int tool(String... command) throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor();
    } catch (IOException e) {
      assumeTrue(false, "skipped: no " + command[0] + " on this machine");
      return -1;
    }
  }
}
