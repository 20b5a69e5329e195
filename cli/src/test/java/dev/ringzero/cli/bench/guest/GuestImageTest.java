package dev.ringzero.cli.bench.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestImageTest {
  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  @TempDir private Path cache;

  @Test
  void onlyOldGuestsAreDropped() throws Exception {
    Path root = Files.createDirectories(cache.resolve("0123abcd.root/bin")).getParent();
    Files.createFile(root.resolve("bin/true"));
    Path image = Files.createFile(cache.resolve("0123abcd.cpio"));
    Path other = Files.createFile(cache.resolve("boot-1.cpio"));
    Path young = Files.createFile(cache.resolve("89abcdef.cpio"));
    for (Path old : new Path[] {root, image, other}) {
      Files.setLastModifiedTime(old, FileTime.from(NOW.minusSeconds(1)));
    }
    Files.setLastModifiedTime(young, FileTime.from(NOW));
    GuestImage.dropOld(cache, NOW);
    assertThat(cache).isDirectoryNotContaining("regex:.*0123abcd.*");
    assertThat(other).exists();
    assertThat(young).exists();
  }
}
