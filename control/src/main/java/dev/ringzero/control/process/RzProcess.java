package dev.ringzero.control.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A command line for another process of rz, which starts as quickly as this one did. */
public final class RzProcess {
  private static final String MAIN = "dev.ringzero.cli.Main";
  private static final String JAR = "-jar";

  private RzProcess() {}

  /** The command line of {@code rz} with these words, in a session of its own. */
  public static List<String> command(List<String> words) {
    List<String> command = new ArrayList<>(List.of("setsid"));
    command.addAll(ours().orElseGet(RzProcess::plain));
    command.addAll(words);
    return command;
  }

  /** Our own, up to where the words begin; but it records nothing for the cache. */
  private static Optional<List<String>> ours() {
    ProcessHandle.Info self = ProcessHandle.current().info();
    List<String> arguments = List.of(self.arguments().orElse(new String[0]));
    int jar = arguments.indexOf(JAR);
    if (self.command().isEmpty() || jar < 0 || jar + 1 == arguments.size()) {
      return Optional.empty();
    }
    List<String> ours = new ArrayList<>(List.of(self.command().get()));
    arguments.subList(0, jar + 2).stream()
        .filter(word -> !word.startsWith("-XX:AOTMode") && !word.startsWith("-XX:AOTConfig"))
        .forEach(ours::add);
    return Optional.of(ours);
  }

  private static List<String> plain() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",
        "-Xlog:aot=off",
        "-Xlog:cds=off",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        System.getProperty("java.class.path"),
        MAIN);
  }
}
