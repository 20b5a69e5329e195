package dev.ringzero.cli.registry;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.registry.Registry;
import dev.ringzero.control.registry.VmStarter;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz start}. */
public final class StartCommand implements Command {
  @Override
  public String name() {
    return "start";
  }

  @Override
  public String summary() {
    return "start a machine that was created";
  }

  @Override
  public String operands() {
    return "NAME";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .flag("serve", "run it in this process; what the others start")
        .options();
  }

  @Override
  public String notes() {
    return """

    It runs in the background; rz attach NAME is its console, rz logs NAME what that said.
    """;
  }

  @Override
  public int run(CommandLine line) throws Exception {
    if (line.getArgList().isEmpty()) {
      throw new UsageException("start which machine? rz ls shows those that were created");
    }
    String name = line.getArgList().getFirst();
    if (line.hasOption("serve")) {
      return KeptRun.call(name, new OwnProcess());
    }
    new VmStarter(Registry.ofUser()).start(name);
    return ExitStatus.OK;
  }
}
