package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz trace}. */
public final class TraceCommand extends MachineCommand {
  @Override
  public String name() {
    return "trace";
  }

  @Override
  public String summary() {
    return "show what a machine does, until Ctrl-C";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("what", "WHAT", "exits (if left out), interrupts or instructions[:FIRST-LAST]")
        .options();
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException {
    channel.ask(Map.of("do", "trace", "what", line.getOptionValue("what", "exits")));
    for (String text = channel.readLine(); text != null; text = channel.readLine()) {
      System.out.println(text);
    }
    return ExitStatus.OK;
  }
}
