package dev.ringzero.images.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.ImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Qcow2DiskTest {
  private static final int SIZE = 3 << 20;
  private static final int CLUSTER = 1 << 16;

  @TempDir Path directory;

  private Path image(String name) {
    return directory.resolve(name);
  }

  private static Disk open(Path path) {
    return DiskImages.open(path, false, Optional.empty());
  }

  private static byte[] read(Disk disk, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    disk.read(offset, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static byte[] content(Path path) throws IOException {
    try (Disk disk = DiskImages.open(path, true, Optional.empty())) {
      return read(disk, 0, (int) disk.sizeBytes());
    }
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** Does the same random changes to a disk and to an array. */
  private static void scribble(Disk disk, byte[] model, RandomGenerator random, int changes)
      throws IOException {
    for (int i = 0; i < changes; i++) {
      int offset = random.nextInt(SIZE / 512) * 512;
      int length = Math.min(SIZE - offset, (1 + random.nextInt(300)) * 512);
      switch (random.nextInt(8)) {
        case 0 -> {
          disk.writeZeroes(offset, length, random.nextBoolean());
          Arrays.fill(model, offset, offset + length, (byte) 0);
        }
        case 1 -> disk.flush();
        default -> {
          byte[] bytes = new byte[length];
          random.nextBytes(bytes);
          disk.write(offset, ByteBuffer.wrap(bytes));
          System.arraycopy(bytes, 0, model, offset, length);
        }
      }
    }
  }

  @Test
  void aNewImageReadsAsZeros() throws IOException {
    Path path = image("new.qcow2");
    DiskImages.create(path, DiskFormat.QCOW2, SIZE);
    assertThat(content(path)).isEqualTo(new byte[SIZE]);
    assertThat(Files.size(path)).isLessThan(5 * CLUSTER);
  }

  @Test
  void whatWasWrittenIsThereAfterOpeningAgain() throws Exception {
    Path path = image("disk.qcow2");
    DiskImages.create(path, DiskFormat.QCOW2, SIZE);
    byte[] model = new byte[SIZE];
    for (int seed = 0; seed < 5; seed++) {
      try (Disk disk = open(path)) {
        scribble(disk, model, random(seed), 60);
        assertThat(read(disk, 0, SIZE)).isEqualTo(model);
      }
      assertThat(content(path)).isEqualTo(model);
    }
  }

  @Test
  void anOverlayKeepsItsBaseAsItWas() throws IOException {
    Path base = image("base.img");
    Files.write(base, filled(SIZE, 0x5A));
    Path path = image("overlay.qcow2");
    DiskImages.createOverlay(path, Path.of("base.img"), DiskFormat.RAW);
    try (Disk disk = open(path)) {
      disk.write(CLUSTER + 512, ByteBuffer.wrap(filled(512, 1)));
      disk.writeZeroes(4 * CLUSTER, CLUSTER, true);
      disk.discard(6 * CLUSTER, CLUSTER);
    }
    byte[] expected = filled(SIZE, 0x5A);
    Arrays.fill(expected, CLUSTER + 512, CLUSTER + 1024, (byte) 1);
    Arrays.fill(expected, 4 * CLUSTER, 5 * CLUSTER, (byte) 0);
    Arrays.fill(expected, 6 * CLUSTER, 7 * CLUSTER, (byte) 0);
    assertThat(content(path)).isEqualTo(expected);
    assertThat(Files.readAllBytes(base)).isEqualTo(filled(SIZE, 0x5A));
  }

  @Test
  void twoOverlaysShareABase() throws IOException {
    Files.write(image("base.img"), filled(SIZE, 7));
    DiskImages.createOverlay(image("a.qcow2"), Path.of("base.img"), DiskFormat.RAW);
    DiskImages.createOverlay(image("b.qcow2"), Path.of("base.img"), DiskFormat.RAW);
    try (Disk a = open(image("a.qcow2"));
        Disk b = open(image("b.qcow2"))) {
      assertThat(read(a, 0, 512)).isEqualTo(read(b, 0, 512));
      assertThatThrownBy(() -> open(image("base.img")))
          .isInstanceOf(ImageException.class)
          .hasMessageContaining("in use");
    }
  }

  @Test
  void aSecondWriterIsRefused() throws IOException {
    Path path = image("disk.qcow2");
    DiskImages.create(path, DiskFormat.QCOW2, SIZE);
    try (Disk disk = open(path)) {
      assertThatThrownBy(() -> open(path)).hasMessageContaining("in use by another machine");
      assertThatThrownBy(() -> content(path)).hasMessageContaining("in use by another machine");
    }
    open(path).close();
  }

  @Test
  void aRawDiskThatLooksLikeQcow2IsNotGuessed() throws IOException {
    Path path = image("disk.img");
    DiskImages.create(path, DiskFormat.QCOW2, SIZE);
    assertThatThrownBy(() -> open(path)).hasMessageContaining("looks like a qcow2 image");
    DiskImages.open(path, true, Optional.of(DiskFormat.RAW)).close();
  }

  @Test
  void discardedClustersAreUsedAgain() throws IOException {
    Path path = image("disk.qcow2");
    DiskImages.create(path, DiskFormat.QCOW2, SIZE);
    try (Disk disk = open(path)) {
      disk.write(0, ByteBuffer.wrap(filled(SIZE, 1)));
      disk.flush();
      long size = Files.size(path);
      for (int i = 0; i < 3; i++) {
        disk.discard(0, SIZE);
        disk.flush();
        assertThat(read(disk, 0, SIZE)).isEqualTo(new byte[SIZE]);
        disk.write(0, ByteBuffer.wrap(filled(SIZE, 2 + i)));
        disk.flush();
      }
      assertThat(Files.size(path)).isEqualTo(size);
    }
  }

  @Test
  void hostileBytesInHeaderAndTablesAreAnswered() throws IOException {
    Path path = image("disk.qcow2");
    DiskImages.create(path, DiskFormat.QCOW2, SIZE);
    byte[] model = new byte[SIZE];
    try (Disk disk = open(path)) {
      scribble(disk, model, random(1), 40);
    }
    byte[] good = Files.readAllBytes(path);
    RandomGenerator random = random(2);
    for (int i = 0; i < 400; i++) {
      byte[] bad = good.clone();
      // The header, the reference counts, the first level and the first table of the second.
      int[] places = {0, CLUSTER, 2 * CLUSTER, 3 * CLUSTER, 4 * CLUSTER};
      for (int j = 0; j <= random.nextInt(4); j++) {
        bad[places[random.nextInt(places.length)] + random.nextInt(112)] = (byte) random.nextInt();
      }
      Path damaged = image("damaged.qcow2");
      Files.write(damaged, bad);
      useWithoutHarm(damaged, random);
    }
  }

  private static void useWithoutHarm(Path path, RandomGenerator random) {
    lookAt(path);
    try (Disk disk = DiskImages.open(path, random.nextBoolean(), Optional.empty())) {
      long sectors = disk.sizeBytes() / 512;
      for (int i = 0; i < 8 && sectors > 8; i++) {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        long offset = random.nextLong(Math.min(sectors - 8, SIZE / 512)) * 512;
        switch (disk.isReadOnly() ? 0 : random.nextInt(6)) {
          case 0, 1 -> disk.read(offset, buffer);
          case 2 -> disk.discard(offset, sectors * 512 - offset);
          case 3 -> disk.writeZeroes(offset, 4096, random.nextBoolean());
          case 4 -> disk.flush();
          default -> disk.write(offset, buffer);
        }
      }
    } catch (ImageException | IOException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  private static void lookAt(Path path) {
    try {
      DiskReport.of(path);
      DiskReport.check(path);
    } catch (ImageException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @Test
  void qemuReadsWhatWeWrote() throws Exception {
    Path path = image("ours.qcow2");
    DiskImages.create(path, DiskFormat.QCOW2, SIZE);
    byte[] model = new byte[SIZE];
    try (Disk disk = open(path)) {
      scribble(disk, model, random(3), 100);
    }
    assertThat(QemuImg.status("check", path)).isZero();
    Path raw = image("ours.raw");
    QemuImg.run("convert", "-f", "qcow2", "-O", "raw", path, raw);
    assertThat(Files.readAllBytes(raw)).isEqualTo(model);
  }

  @Test
  void weReadAndWriteWhatQemuWrote() throws Exception {
    byte[] model = new byte[SIZE];
    random(4).nextBytes(model);
    Arrays.fill(model, SIZE / 2, SIZE, (byte) 3);
    Path raw = Files.write(image("model.img"), model);
    for (String clusterSize : new String[] {"512", "4096", "65536", "2097152"}) {
      Path path = image("qemu" + clusterSize + ".qcow2");
      QemuImg.run("convert", "-c", "-O", "qcow2", "-o", "cluster_size=" + clusterSize, raw, path);
      assertThat(content(path)).isEqualTo(model);
      QemuImg.run("snapshot", "-c", "before", path);
      byte[] changed = model.clone();
      try (Disk disk = open(path)) {
        scribble(disk, changed, random(5), 30);
      }
      assertThat(content(path)).isEqualTo(changed);
      QemuImg.checkConsistent(path);
      QemuImg.run("snapshot", "-a", "before", path);
      assertThat(content(path)).isEqualTo(model);
    }
  }
}
