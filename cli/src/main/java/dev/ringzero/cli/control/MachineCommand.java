package dev.ringzero.cli.control;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.Nearest;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.control.registry.Registry;
import java.io.IOException;
import java.util.List;
import org.apache.commons.cli.CommandLine;

/** A command that talks to a running machine. */
abstract class MachineCommand implements Command {
  @Override
  public String operands() {
    return "[VM]";
  }

  @Override
  public String notes() {
    return """

    VM may be left out where only one machine runs.
    """;
  }

  @Override
  public final int run(CommandLine line) throws Exception {
    ControlDirectory directory = ControlDirectory.ofUser();
    try (MessageChannel channel = connect(directory, name(directory, machine(line)))) {
      return talk(channel, line);
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /** The words among which the machine's name is the first, if it was given. */
  List<String> machine(CommandLine line) {
    return line.getArgList();
  }

  abstract int talk(MessageChannel channel, CommandLine line) throws Exception;

  /** The name that was given; where only one machine runs it may be left out. */
  private String name(ControlDirectory directory, List<String> operands) {
    return operands.isEmpty() ? only(directory) : operands.getFirst();
  }

  /** The name of the one machine that runs. */
  static String only(ControlDirectory directory) {
    List<String> names = Running.names(directory);
    return switch (names.size()) {
      case 0 -> throw new UsageException("no machine runs");
      case 1 -> names.getFirst();
      default -> throw new UsageException("which machine? " + String.join(", ", names));
    };
  }

  /** Connects to the machine of that name. */
  static MessageChannel connect(ControlDirectory directory, String name) {
    return directory
        .connect(name)
        .map(MessageChannel::new)
        .orElseThrow(() ->
            new UsageException(
                "no machine named "
                    + name
                    + " runs"
                    + Nearest.to(name, directory.names())
                        .map(near -> "; did you mean " + near + "?")
                        .orElse(kept(name))));
  }

  private static String kept(String name) {
    return Registry.ofUser().has(name) ? "; rz start " + name + " starts it" : "";
  }
}
