package dev.ringzero.control.network;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Starts the process of a switch. */
public final class SwitchProcess {
  /** What the process prints when it can be connected to. */
  public static final String READY = "ready";

  private static final String MAIN = "dev.ringzero.cli.Main";

  private SwitchProcess() {}

  /**
   * Connects to a switch, which is started where there is none.
   *
   * @param kept whether a switch that is started stays when its last port has gone
   * @throws IOException with a message for the user
   */
  public static Connected connect(SwitchDirectory directory, String name, boolean kept)
      throws IOException {
    try (SwitchDirectory.Lock lock = directory.lock(name)) {
      Optional<SocketChannel> running = directory.connect(name);
      if (running.isPresent()) {
        return new Connected(running.get(), false);
      }
      start(name, kept);
      return directory
          .connect(name)
          .map(channel -> new Connected(channel, true))
          .orElseThrow(() -> new IOException("the switch " + name + " ended at once"));
    }
  }

  /** A connection, and whether the switch was started for it. */
  public record Connected(SocketChannel channel, boolean started) {}

  private static void start(String name, boolean kept) throws IOException {
    Process process =
        new ProcessBuilder(command(name, kept))
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .start();
    StringBuilder said = new StringBuilder();
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.equals(READY)) {
          return;
        }
        said.append(said.isEmpty() ? "" : "; ").append(line);
      }
    }
    throw new IOException("the switch " + name + " did not start: " + said);
  }

  private static List<String> command(String name, boolean kept) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        new ArrayList<>(
            List.of(
                "setsid",
                java,
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Xlog:aot=off",
                "-Xlog:cds=off",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                MAIN,
                "switch",
                "serve",
                name));
    if (kept) {
      command.add("--keep");
    }
    return command;
  }
}
