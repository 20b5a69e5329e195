package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.terminal.Terminal;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;

/** {@code rz attach}: Ctrl-A x leaves, and the guest goes on. */
public final class AttachCommand extends MachineCommand {
  @Override
  public String name() {
    return "attach";
  }

  @Override
  public String summary() {
    return "show a machine's console here; Ctrl-A x leaves it running";
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException {
    Optional<Terminal> terminal = Terminal.take();
    Thread restore = new Thread(() -> terminal.ifPresent(Terminal::close));
    Runtime.getRuntime().addShutdownHook(restore);
    String name = String.valueOf(channel.ask(Map.of("do", "status")).get("name"));
    new AttachedConsole(channel, name, terminal, false, () -> close(channel)).connect();
    return ExitStatus.OK;
  }

  private static void close(MessageChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }
}
