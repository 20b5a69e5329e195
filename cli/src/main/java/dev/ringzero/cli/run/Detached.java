package dev.ringzero.cli.run;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.directory.ControlDirectory.ListeningSocket;
import dev.ringzero.control.process.OwnCommandLine;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** {@code rz run --detach}: the same run once more, in a process that stays behind. */
final class Detached {
  /** Set in the environment of the process that stays behind. */
  static final String MARK = "RINGZERO_DETACHED";

  private static final long LOOK_AGAIN_MILLIS = 50;

  private Detached() {}

  static int start(RunOptions options) throws IOException, InterruptedException {
    ControlDirectory directory = ControlDirectory.ofUser();
    String name;
    try (ListeningSocket socket = directory.listen(options.name())) {
      name = socket.name();
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
    Path log = Files.createTempFile("ringzero-" + name + "-", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command(name))
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(log.toFile());
    builder.environment().put(MARK, "1");
    Process process = builder.start();
    process.getOutputStream().close();
    while (!answers(directory, name)) {
      if (process.waitFor(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
        System.err.print(Files.readString(log));
        Files.delete(log);
        return process.exitValue();
      }
    }
    Files.delete(log);
    System.out.println(name);
    return ExitStatus.OK;
  }

  /** Whether the machine runs: one that is still prepared answers when it does, or ends. */
  private static boolean answers(ControlDirectory directory, String name) {
    Optional<SocketChannel> connection = directory.connect(name);
    if (connection.isEmpty()) {
      return false;
    }
    try (MessageChannel channel = new MessageChannel(connection.get())) {
      channel.ask(Map.of("do", "status"));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Our own command line, but for {@code --detach}, in a session of its own. */
  private static List<String> command(String name) {
    ProcessHandle.Info self = ProcessHandle.current().info();
    List<String> command = new ArrayList<>(List.of("setsid", self.command().orElseThrow()));
    for (String word : OwnCommandLine.arguments()) {
      if (!word.equals("--detach")) {
        command.add(word);
      }
    }
    command.addAll(List.of("--name", name));
    return command;
  }
}
