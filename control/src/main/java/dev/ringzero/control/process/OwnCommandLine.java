package dev.ringzero.control.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How this process was started. The JVM does not tell where that is longer than a page. */
public final class OwnCommandLine {
  private static final Path SELF = Path.of("/proc/self/cmdline");

  private OwnCommandLine() {}

  /** All its words behind the program's name, however long they are. */
  public static List<String> arguments() {
    try {
      String words = new String(Files.readAllBytes(SELF), StandardCharsets.UTF_8);
      return words(words);
    } catch (IOException e) {
      return List.of(ProcessHandle.current().info().arguments().orElse(new String[0]));
    }
  }

  /** Each word ends with a zero; one may be empty. */
  static List<String> words(String cmdline) {
    List<String> words = List.of(cmdline.split("\0", -1));
    return words.subList(Math.min(1, words.size() - 1), words.size() - 1);
  }
}
