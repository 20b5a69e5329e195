package dev.ringzero.images.initramfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CpioWriterTest {
  private static final byte[] ARCHIVE =
      new CpioWriter()
          .directory("etc", 0755)
          .file("etc/name", 0644, "abc")
          .link("bin", "usr/bin")
          .characterDevice("console", 0600, 5, 1)
          .finish();

  @TempDir private Path directory;

  @Test
  void aHeaderIsInHexadecimalAndContentsAreAligned() {
    String text = new String(ARCHIVE, StandardCharsets.ISO_8859_1);
    int file = text.indexOf("etc/name");

    assertThat(text).startsWith("070701");
    assertThat(text.substring(file - 110, file - 110 + 22)).isEqualTo("07070100000002000081A4");
    assertThat(text.substring(file + 10, file + 14)).isEqualTo("abc\0");
    assertThat(ARCHIVE.length % 4).isZero();
    assertThat(text).contains("TRAILER!!!");
  }

  @Test
  void cpioListsWhatWasWritten() throws Exception {
    Path file = Files.write(directory.resolve("a.cpio"), ARCHIVE);
    Process cpio;
    try {
      cpio = new ProcessBuilder("cpio", "-it").redirectInput(file.toFile()).start();
    } catch (IOException e) {
      assumeTrue(false, "no cpio on this machine");
      return;
    }

    assertThat(new String(cpio.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
        .isEqualTo("etc\netc/name\nbin\nconsole\n");
    assertThat(cpio.waitFor()).isZero();
  }

  @Test
  void equalInputGivesEqualBytes() {
    DefaultInitramfs initramfs = new DefaultInitramfs("vm1", Optional.empty(), Optional.empty());

    assertThat(initramfs.build(new byte[9])).isEqualTo(initramfs.build(new byte[9]));
  }

  @Test
  void aCommandIsPackedWithItsMark() {
    DefaultInitramfs initramfs =
        new DefaultInitramfs(
            "vm1",
            Optional.empty(),
            Optional.of(new DefaultInitramfs.GuestCommand("echo 'quoted \"text\"'", "m4rk")));

    assertThat(new String(initramfs.build(new byte[9]), StandardCharsets.ISO_8859_1))
        .contains("rz/command\0", "echo 'quoted \"text\"'", "rz/mark\0", "m4rk");
  }
}
