package dev.ringzero.cli.image;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Arguments;
import dev.ringzero.images.ImageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImageCommandTest {
  private static int image(String... words) {
    ImageCommand command = new ImageCommand();
    return command.run(Arguments.parse(command, List.of(words)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bild | did you mean build",
        "build | needs --name",
        "build --name a/b | an image's name",
        "build --name x --packages A;rm | takes names of packages",
        "build --name x --packages --replace | needs a value",
        "build --name x --size 1M | 16M to 8T",
        "build --name x --size much | takes a size",
        "build --name x --base large | small, essential or none",
        "build python3 --name x | unexpected: python3",
        "build -o / | takes a file",
        "ls --size 1G | does not go with image ls",
        "rm --json x | does not go with image rm",
        "show | image show NAME",
        "show no-such-image-here | no image named",
        "ls more | unexpected: more",
      })
  void wrongUsesAreExplained(String words, String message) {
    String[] split = words == null || words.isEmpty() ? new String[0] : words.split(" ");
    assertThatThrownBy(() -> image(split))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aFileThatIsThereIsNotOverwritten(@TempDir Path directory) throws Exception {
    Path file = Files.createFile(directory.resolve("there.img"));
    assertThatThrownBy(() -> image("build", "-o", file.toString(), "--packages", "bash"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("--replace");
  }
}
