package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.Map;
import org.apache.commons.cli.CommandLine;

/** {@code rz pause}. */
public final class PauseCommand extends MachineCommand {
  @Override
  public String name() {
    return "pause";
  }

  @Override
  public String summary() {
    return "make a guest stand still: its processors, its clock, its devices";
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException {
    channel.ask(Map.of("do", "pause"));
    return ExitStatus.OK;
  }
}
