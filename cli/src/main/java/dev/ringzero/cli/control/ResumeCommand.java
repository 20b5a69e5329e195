package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.Map;
import org.apache.commons.cli.CommandLine;

/** {@code rz resume}. */
public final class ResumeCommand extends MachineCommand {
  @Override
  public String name() {
    return "resume";
  }

  @Override
  public String summary() {
    return "let a guest go on that rz pause made stand still";
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException {
    channel.ask(Map.of("do", "resume"));
    return ExitStatus.OK;
  }
}
