package dev.ringzero.images.initramfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.images.root.Attributes;
import dev.ringzero.images.root.Node.Special;
import dev.ringzero.images.root.RootTree;
import dev.ringzero.images.root.Spool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TreeArchiveTest {
  @TempDir private Path directory;

  private byte[] archive() throws IOException {
    try (Spool spool = new Spool(directory.resolve("spool"))) {
      RootTree tree = new RootTree(spool);
      tree.file(
          "etc/motd",
          new Attributes(0640, 1000, 42, 1_600_000_000),
          new ByteArrayInputStream("hello\n".getBytes(StandardCharsets.US_ASCII)),
          100);
      tree.hardLink("motd", "etc/motd");
      tree.symbolicLink("link", Attributes.ofRoot(0777), "etc/motd");
      tree.special(
          "null", new Special(Attributes.ofRoot(0666), Special.Kind.CHARACTER_DEVICE, 1, 3));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      TreeArchive.write(tree, out);
      return out.toByteArray();
    }
  }

  @Test
  void anotherProgramReadsTheSame() throws Exception {
    Path file = Files.write(directory.resolve("a.cpio"), archive());
    Process process;
    try {
      process =
          new ProcessBuilder("cpio", "-itvn", "--quiet")
              .redirectInput(file.toFile())
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      assumeTrue(false, "skipped: no cpio here; install cpio");
      throw e;
    }
    String listing = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(listing).isZero();
    assertThat(listing.lines().map(line -> line.replaceAll(" +", " ")))
        .anyMatch(line -> line.matches("drwxr-xr-x 2 0 0 0 .* etc"))
        .anyMatch(line -> line.matches("-rw-r----- 2 1000 42 6 Sep 13 2020 etc/motd"))
        .anyMatch(line -> line.matches("-rw-r----- 2 1000 42 0 Sep 13 2020 motd"))
        .anyMatch(line -> line.matches("lrwxrwxrwx 1 0 0 8 .* link -> etc/motd"))
        .anyMatch(line -> line.matches("crw-rw-rw- 1 0 0 1, 3 .* null"));
  }

  @Test
  void theSameTreeGivesTheSameBytes() throws IOException {
    assertThat(archive()).isEqualTo(archive());
  }
}
