package dev.ringzero.images.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.images.disk.qcow2.Qcow2Check;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskReportTest {
  private static final int CLUSTER = 1 << 16;
  private static final long SIZE = 1 << 30;
  private static final long REFCOUNT_BLOCK = 2L * CLUSTER;
  private static final long L1 = 3L * CLUSTER;

  @TempDir Path directory;

  private Path written() throws IOException {
    Path path = directory.resolve("disk.qcow2");
    DiskImages.create(path, DiskFormat.QCOW2, SIZE);
    try (Disk disk = DiskImages.open(path, false, Optional.empty())) {
      for (int i = 0; i < 10; i++) {
        disk.write(i * 100L * CLUSTER, ByteBuffer.allocate(4096).putInt(i).rewind());
      }
    }
    return path;
  }

  private static Qcow2Check.Result check(Path path) {
    return DiskReport.check(path).orElseThrow();
  }

  private static void patch(Path path, long offset, int value) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(offset);
      file.writeShort(value);
    }
  }

  @Test
  void aSoundImageHasNoErrors() throws IOException {
    Qcow2Check.Result result = check(written());
    assertThat(result.errors()).isZero();
    assertThat(result.leakedClusters()).isZero();
    assertThat(result.usedClusters()).isEqualTo(15);
  }

  @Test
  void aClusterThatIsUsedAndNotCountedIsAnError() throws IOException {
    Path path = written();
    patch(path, REFCOUNT_BLOCK + 2 * 6, 0);
    Qcow2Check.Result result = check(path);
    assertThat(result.errors()).isEqualTo(1);
    assertThat(result.messages()).containsExactly("cluster 6 is used 1 times and counted 0 times");
  }

  @Test
  void aClusterThatIsCountedAndNotUsedOnlyTakesRoom() throws IOException {
    Path path = written();
    patch(path, REFCOUNT_BLOCK + 2 * 6, 2);
    Qcow2Check.Result result = check(path);
    assertThat(result.errors()).isZero();
    assertThat(result.leakedClusters()).isEqualTo(1);
  }

  @Test
  void tablesAtImpossiblePlacesAreErrors() throws IOException {
    Path path = written();
    patch(path, L1, 0x80FF);
    assertThat(check(path).errors()).isPositive();
  }

  @Test
  void qemuAgrees() throws Exception {
    Path path = directory.resolve("qemu.qcow2");
    QemuImg.run("create", "-q", "-f", "qcow2", path, "64M");
    QemuImg.run("snapshot", "-c", "one", path);
    assertThat(check(path).errors()).isZero();
    assertThat(check(path).leakedClusters()).isZero();
  }

  @Test
  void aDescriptionTellsWhatAnOverlayIsOf() throws IOException {
    Path base = written();
    Path overlay = directory.resolve("overlay.qcow2");
    DiskImages.createOverlay(overlay, base);
    DiskReport report = DiskReport.of(overlay);
    assertThat(report.format()).isEqualTo(DiskFormat.QCOW2);
    assertThat(report.sizeBytes()).isEqualTo(SIZE);
    assertThat(report.qcow2().orElseThrow().backingName()).isEqualTo("disk.qcow2");
    assertThat(report.qcow2().orElseThrow().backingFormat()).isEqualTo("qcow2");
  }

  @Test
  void aRawDiskHasNothingToCheck() throws IOException {
    Path raw = Files.write(directory.resolve("raw.img"), new byte[4096]);
    assertThat(DiskReport.check(raw)).isEmpty();
    assertThat(DiskReport.of(raw).format()).isEqualTo(DiskFormat.RAW);
  }
}
