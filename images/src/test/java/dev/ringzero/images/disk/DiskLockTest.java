package dev.ringzero.images.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.ImageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other processes use the same image. */
class DiskLockTest {
  @TempDir Path directory;

  private Path image() {
    Path path = directory.resolve("disk.qcow2");
    DiskImages.create(path, DiskFormat.QCOW2, 1 << 20);
    return path;
  }

  private static Disk open(Path path, boolean readOnly) {
    return DiskImages.open(path, readOnly, Optional.empty());
  }

  /** Holds an image until its input ends. */
  static final class Holder {
    public static void main(String[] arguments) throws IOException {
      try (Disk disk = open(Path.of(arguments[0]), arguments[1].equals("reader"))) {
        System.out.println("open " + disk.sizeBytes());
        System.in.read();
      }
    }
  }

  private static Process other(Path path, String how) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                path.toString(),
                how)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    awaitLine(process, "open");
    return process;
  }

  private static void awaitLine(Process process, String start) throws IOException {
    BufferedReader said = new BufferedReader(new InputStreamReader(process.getInputStream()));
    String line = said.readLine();
    assertThat(line).startsWith(start);
  }

  @Test
  void aWriterInAnotherProcessKeepsUsOut() throws IOException {
    Path path = image();
    Process other = other(path, "writer");
    try {
      for (boolean readOnly : new boolean[] {false, true}) {
        assertThatThrownBy(() -> open(path, readOnly))
            .isInstanceOf(ImageException.class)
            .hasMessageContaining("is in use by another machine");
      }
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void readersOfSeveralProcessesShareAnImageAndKeepWritersOut() throws IOException {
    Path path = image();
    Process other = other(path, "reader");
    try {
      open(path, true).close();
      assertThatThrownBy(() -> open(path, false)).hasMessageContaining("in use");
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void qemuDoesNotOpenWhatWeWrite() throws Exception {
    Assumptions.assumeTrue(QemuImg.isThere(), "skipped: no qemu-img on this machine");
    Path path = image();
    try (Disk disk = open(path, false)) {
      assertThat(disk.isReadOnly()).isFalse();
      assertThat(QemuImg.status("info", path)).isNotZero();
      assertThat(QemuImg.status("resize", path, "2M")).isNotZero();
    }
    assertThat(QemuImg.status("info", path)).isZero();
  }

  @Test
  void qemuReadsWhatWeReadAndDoesNotWriteIt() throws Exception {
    Assumptions.assumeTrue(QemuImg.isThere(), "skipped: no qemu-img on this machine");
    Path path = image();
    try (Disk disk = open(path, true)) {
      assertThat(disk.isReadOnly()).isTrue();
      assertThat(QemuImg.status("info", path)).isZero();
      assertThat(QemuImg.status("resize", path, "2M")).isNotZero();
    }
  }

  @Test
  void weDoNotWriteWhatQemuWrites() throws Exception {
    Path path = image();
    Process qemu = qemuIo(path);
    try {
      assertThatThrownBy(() -> open(path, false)).hasMessageContaining("in use");
    } finally {
      qemu.destroyForcibly();
    }
  }

  /** Opens an image for writing, as a machine of QEMU's does, and waits. */
  private static Process qemuIo(Path path) throws Exception {
    Assumptions.assumeTrue(QemuImg.isThere(), "skipped: no qemu-img on this machine");
    Process process =
        new ProcessBuilder("qemu-io", "-f", "qcow2", path.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    while (process.isAlive() && QemuImg.status("info", path) == 0) {
      Thread.onSpinWait();
    }
    return process;
  }
}
