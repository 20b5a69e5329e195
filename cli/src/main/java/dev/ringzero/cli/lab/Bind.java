package dev.ringzero.cli.lab;

import static dev.ringzero.cli.lab.YamlMap.shown;

import dev.ringzero.vmm.machine.ShareConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * A folder that a node shares with the host.
 *
 * @param guest where it is in the guest
 * @param option as {@code --share} takes it
 */
record Bind(String guest, String option) {

  /**
   * Reads {@code HOST:GUEST[:ro]}.
   *
   * @param folder that a relative path begins in, and that it must not leave
   * @param anywhere whether it may leave it
   * @param level that is to blame
   */
  static Bind read(String text, Path folder, boolean anywhere, YamlMap level) {
    String[] parts = text.split(":", -1);
    boolean access = parts.length == 2 || parts.length == 3 && parts[2].matches("ro|rw");
    if (!access || parts[1].contains(",") || parts[0].isBlank()) {
      throw level.wrong("binds", "has HOST:GUEST or HOST:GUEST:ro, not " + shown(text));
    }
    Path host = folder(parts[0], folder, anywhere, level);
    String option =
        host + ":" + parts[1] + (parts.length == 3 && parts[2].equals("ro") ? ",ro" : "");
    try {
      ShareConfiguration.parse(option);
    } catch (IllegalArgumentException e) {
      throw level.wrong("binds", shown(text) + ": it " + e.getMessage());
    }
    return new Bind(parts[1], option);
  }

  /** Symbolic links are followed before it is looked where it leads. */
  private static Path folder(String text, Path folder, boolean anywhere, YamlMap level) {
    try {
      Path real = folder.resolve(text).toRealPath();
      if (!Files.isDirectory(real)) {
        throw level.wrong("binds", "shares folders; this is a file: " + shown(text));
      }
      if (!anywhere && !real.startsWith(folder.toRealPath())) {
        throw level.wrong(
            "binds",
            "has %s, which is not below the file's folder; --binds-anywhere allows it"
                .formatted(shown(text)));
      }
      return real;
    } catch (IOException | InvalidPathException e) {
      throw level.wrong("binds", "has %s, which is not there".formatted(shown(text)));
    }
  }
}
