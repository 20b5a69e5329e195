package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.Map;
import org.apache.commons.cli.CommandLine;

/** {@code rz stop}. */
public final class StopCommand extends MachineCommand {
  @Override
  public String name() {
    return "stop";
  }

  @Override
  public String summary() {
    return "ask a guest to shut down, as its power button does";
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException {
    channel.ask(Map.of("do", "stop"));
    return ExitStatus.OK;
  }
}
