package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;

/** A command that asks one thing of running machines, of each that is named. */
abstract class MachinesCommand implements Command {
  private static final int MOST = 1000;

  @Override
  public String operands() {
    return "[VM...]";
  }

  @Override
  public int maximumOperands() {
    return MOST;
  }

  @Override
  public String notes() {
    return """

    VM may be left out where only one machine runs. Where one of several refuses, the others are
    asked all the same, and the status is not 0.
    """;
  }

  /** What is asked of each. */
  abstract String request();

  @Override
  public final int run(CommandLine line) {
    ControlDirectory directory = ControlDirectory.ofUser();
    List<String> named = line.getArgList();
    List<String> names =
        named.isEmpty()
            ? List.of(MachineCommand.only(directory))
            : List.copyOf(new LinkedHashSet<>(named));
    if (names.size() == 1) {
      ask(directory, names.getFirst());
      return ExitStatus.OK;
    }
    int status = ExitStatus.OK;
    for (String name : names) {
      try {
        ask(directory, name);
      } catch (UsageException e) {
        System.err.println("rz: " + e.getMessage());
        status = ExitStatus.WRONG_INPUT;
      }
    }
    return status;
  }

  private void ask(ControlDirectory directory, String name) {
    try (MessageChannel channel = MachineCommand.connect(directory, name)) {
      channel.ask(Map.of("do", request()));
    } catch (IOException e) {
      throw new UsageException(name + ": " + e.getMessage());
    }
  }
}
