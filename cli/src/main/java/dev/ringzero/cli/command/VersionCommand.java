package dev.ringzero.cli.command;

import dev.ringzero.cli.ExitStatus;
import org.apache.commons.cli.CommandLine;

/** {@code rz version}. */
final class VersionCommand implements Command {
  @Override
  public String name() {
    return "version";
  }

  @Override
  public String summary() {
    return "show the versions of RingZero and of the JDK";
  }

  @Override
  public int run(CommandLine line) {
    String version = VersionCommand.class.getPackage().getImplementationVersion();
    System.out.println("RingZero " + (version == null ? "(not packaged)" : version));
    System.out.println("JDK " + Runtime.version());
    return ExitStatus.OK;
  }
}
