package dev.ringzero.control.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a kind of process is started.
 *
 * @param word the command of rz that has the verb {@code serve}, such as switch
 * @param heap the most memory its JVM may use for itself, such as 256m
 */
public record SharedProcess(String word, String heap) {
  public static final SharedProcess SWITCH = new SharedProcess("switch", "256m");

  /** A process in which several machines run. */
  public static final SharedProcess HOST = new SharedProcess("host", "4g");

  /** What the process prints when it can be connected to. */
  public static final String READY = "ready";

  private static final String MAIN = "dev.ringzero.cli.Main";

  /**
   * Connects to a process, which is started where there is none.
   *
   * @param options for {@code serve}, if it is started
   * @throws IOException with a message for the user
   */
  public Connected connect(ProcessDirectory directory, String name, List<String> options)
      throws IOException {
    try (ProcessDirectory.Lock lock = directory.lock(name)) {
      Optional<SocketChannel> running = directory.connect(name);
      if (running.isPresent()) {
        return new Connected(running.get(), false);
      }
      start(name, options);
      return directory
          .connect(name)
          .map(channel -> new Connected(channel, true))
          .orElseThrow(() -> new IOException("the " + word + " " + name + " ended at once"));
    }
  }

  /** A connection, and whether the process was started for it. */
  public record Connected(SocketChannel channel, boolean started) {}

  private void start(String name, List<String> options) throws IOException {
    Process process =
        new ProcessBuilder(command(name, options))
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
    throw new IOException("the " + word + " " + name + " did not start: " + said);
  }

  private List<String> command(String name, List<String> options) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        new ArrayList<>(
            List.of(
                "setsid",
                java,
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Xlog:aot=off",
                "-Xlog:cds=off",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                MAIN,
                word,
                "serve",
                name));
    command.addAll(options);
    return command;
  }
}
