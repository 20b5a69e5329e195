package dev.ringzero.cli.registry;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.control.registry.Registry;
import org.apache.commons.cli.CommandLine;

/** {@code rz rm}. */
public final class RmCommand implements Command {
  private static final int MOST = 1000;

  @Override
  public String name() {
    return "rm";
  }

  @Override
  public String summary() {
    return "forget machines that were created, or lost, and do not run, with their logs";
  }

  @Override
  public String operands() {
    return "NAME...";
  }

  @Override
  public int maximumOperands() {
    return MOST;
  }

  @Override
  public String notes() {
    return """

    Disks, images and snapshots stay.
    """;
  }

  @Override
  public int run(CommandLine line) {
    if (line.getArgList().isEmpty()) {
      throw new UsageException("rm which machine? rz ls shows those that were created");
    }
    Registry registry = Registry.ofUser();
    for (String name : line.getArgList()) {
      if (registry.has(name) || !registry.runs().forget(name)) {
        registry.remove(name);
      }
    }
    return ExitStatus.OK;
  }
}
