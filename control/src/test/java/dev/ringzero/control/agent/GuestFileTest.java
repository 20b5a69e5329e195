package dev.ringzero.control.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands, run by a shell of this host. */
final class GuestFileTest {
  @TempDir Path folder;

  @BeforeEach
  void busybox() {
    assumeTrue(
        Files.isExecutable(Path.of("/bin/busybox")), "skipped: there is no busybox on this host");
  }

  private static Process start(String command) throws IOException {
    return new ProcessBuilder("/bin/busybox", "sh", "-c", command).start();
  }

  private static int write(Path path, int mode, String text) throws Exception {
    Process process = start(GuestFile.write(path.toString(), mode));
    try (var in = process.getOutputStream()) {
      in.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It wanted none.
    }
    return process.waitFor();
  }

  private String[] names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toArray(String[]::new);
    }
  }

  @Test
  void whatIsWrittenIsReadAgain() throws Exception {
    Path file = folder.resolve("it's $HOME \"x\"");
    assertThat(write(file, 0600, "one\n")).isZero();
    assertThat(Files.readString(file)).isEqualTo("one\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Process reading = start(GuestFile.read(file.toString()));
    assertThat(new String(reading.getInputStream().readAllBytes())).isEqualTo("one\n");
    assertThat(reading.waitFor()).isZero();
  }

  @Test
  void whatIsNotThereIsMissing() throws Exception {
    Path nothing = folder.resolve("nothing");
    assertThat(start(GuestFile.read(nothing.toString())).waitFor()).isEqualTo(GuestFile.MISSING);
    assertThat(write(nothing.resolve("x"), 0644, "x")).isEqualTo(GuestFile.MISSING);
    assertThat(start(GuestFile.read(folder.toString())).waitFor()).isEqualTo(1);
    assertThat(write(folder, 0644, "x")).isEqualTo(1);
    assertThat(names()).isEmpty();
  }

  @Test
  void aWriterThatIsHungUpLeavesTheOldFile() throws Exception {
    Path file = folder.resolve("file");
    Files.writeString(file, "old");
    Process writer = start(GuestFile.write(file.toString(), 0644));
    writer.getOutputStream().write("new".getBytes(StandardCharsets.UTF_8));
    writer.getOutputStream().flush();
    new ProcessBuilder("kill", "-HUP", Long.toString(writer.pid())).start().waitFor();
    writer.descendants().forEach(ProcessHandle::destroy);
    assertThat(writer.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(file)).isEqualTo("old");
  }

  @Test
  void aPathThatIsNoneIsRefused() {
    for (String path : new String[] {"", "x", "/a\nb", "/" + "x".repeat(5000)}) {
      assertThatThrownBy(() -> GuestFile.read(path)).hasMessageContaining("begins with /");
    }
  }
}
