package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.Map;
import org.apache.commons.cli.CommandLine;

/** {@code rz kill}. */
public final class KillCommand extends MachineCommand {
  @Override
  public String name() {
    return "kill";
  }

  @Override
  public String summary() {
    return "end a machine at once, as pulling the plug does";
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException {
    channel.ask(Map.of("do", "kill"));
    return ExitStatus.OK;
  }
}
