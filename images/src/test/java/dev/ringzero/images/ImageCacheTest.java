package dev.ringzero.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageCacheTest {
  @TempDir private Path directory;

  @Test
  void aFileThatWasWrittenIsThere() throws IOException {
    ImageCache cache = new ImageCache(directory);
    cache.place("a/b", out -> out.write(7));

    assertThat(cache.contains("a/b")).isTrue();
    assertThat(Files.readAllBytes(cache.path("a/b"))).containsExactly(7);
  }

  @Test
  void aFileWhoseWritingFailsLeavesNothing() throws IOException {
    ImageCache cache = new ImageCache(directory);

    assertThatThrownBy(() ->
            cache.place(
                "file",
                out -> {
                  out.write(1);
                  throw new IOException("No space left on device");
                }))
        .isInstanceOf(ImageException.class)
        .hasMessageStartingWith("no space left on the disk");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }
}
