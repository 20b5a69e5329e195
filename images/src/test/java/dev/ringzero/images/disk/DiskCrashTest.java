package dev.ringzero.images.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process that writes to an image is killed at any moment; {@code -Drz.kills=300} kills it more
 * often.
 */
class DiskCrashTest {
  private static final int BLOCKS = 4096;
  private static final int BLOCK_BYTES = 4096;
  private static final int KILLS = Integer.getInteger("rz.kills", 6);

  @TempDir Path directory;

  /**
   * Writes blocks that hold their number and a round; after each flush it says up to which round
   * everything is durable.
   */
  static final class Writer {
    public static void main(String[] arguments) throws IOException {
      Path path = Path.of(arguments[0]);
      long round = Long.parseLong(arguments[1]);
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(round);
      try (Disk disk = DiskImages.open(path, false, Optional.empty())) {
        while (true) {
          round++;
          // The first block of a round says which round it is; the flush makes it durable.
          for (int i = 0; i < 20; i++) {
            write(disk, 1 + random.nextInt(BLOCKS - 1), round);
          }
          int discarded = 1 + random.nextInt(BLOCKS - 33);
          disk.discard((long) discarded * BLOCK_BYTES, 32L * BLOCK_BYTES);
          write(disk, 0, round);
          disk.flush();
          System.out.write((int) (round & 0x7F));
          System.out.flush();
        }
      }
    }

    private static void write(Disk disk, int block, long round) throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(BLOCK_BYTES);
      while (buffer.hasRemaining()) {
        buffer.putLong(block).putLong(round);
      }
      disk.write((long) block * BLOCK_BYTES, buffer.flip());
    }
  }

  @ParameterizedTest
  @EnumSource(DiskFormat.class)
  void whatWasFlushedIsThereAndTheImageIsConsistent(DiskFormat format) throws Exception {
    Path path = directory.resolve("disk." + format);
    DiskImages.create(path, format, (long) BLOCKS * BLOCK_BYTES);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    long round = 0;
    int kills = format == DiskFormat.RAW ? (KILLS + 2) / 3 : KILLS;
    for (int i = 0; i < kills; i++) {
      long flushed = killedWhileWriting(path, round, 1 + random.nextInt(200));
      DiskReport.check(path).ifPresent(found -> assertThat(found.messages()).isEmpty());
      try (Disk disk = DiskImages.open(path, false, Optional.empty())) {
        round = checkedRound(disk);
      }
      assertThat(round).isGreaterThanOrEqualTo(flushed);
      checkByQemu(path);
    }
  }

  private static void checkByQemu(Path path) throws Exception {
    if (QemuImg.isThere() && path.toString().endsWith("qcow2")) {
      QemuImg.checkConsistent(path);
    }
  }

  /** Runs a writer until it has said so much, and kills it in the middle of something. */
  private static long killedWhileWriting(Path path, long round, int flushes) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                path.toString(),
                Long.toString(round))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long heard = 0;
    try (InputStream said = process.getInputStream()) {
      while (heard < flushes && said.read() >= 0) {
        heard++;
      }
      process.toHandle().destroyForcibly();
      while (said.read() >= 0) {
        heard++;
      }
    }
    process.waitFor();
    assertThat(heard).isGreaterThanOrEqualTo(flushes);
    return round + heard;
  }

  /** Each block is empty or holds its own number and one round from end to end. */
  private static long checkedRound(Disk disk) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BLOCK_BYTES);
    long newest = 0;
    for (int block = 0; block < BLOCKS; block++) {
      disk.read((long) block * BLOCK_BYTES, buffer.clear());
      long number = buffer.getLong(0);
      long round = buffer.getLong(8);
      newest = block == 0 ? round : newest;
      if (number != 0 || round != 0) {
        for (int at = 0; at < BLOCK_BYTES; at += 16) {
          assertThat(buffer.getLong(at)).isEqualTo(block);
          assertThat(buffer.getLong(at + 8)).isEqualTo(round);
        }
      }
    }
    return newest;
  }
}
