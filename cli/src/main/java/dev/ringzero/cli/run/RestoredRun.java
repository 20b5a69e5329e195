package dev.ringzero.cli.run;

import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.snapshot.StoredSnapshot;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;

/** A run that begins with a snapshot. */
public final class RestoredRun {
  private RestoredRun() {}

  /** Its options. */
  public static OptionTable addOptions(OptionTable table) {
    return table
        .value("name", "NAME", "restore: of the machine (vm1, vm2, ...)")
        .flag("detach", "restore: let it run in the background")
        .value("timeout", "TIME", "restore: stop the guest after a time, such as 60s")
        .value("serial", "FILE|SOCKET", "restore: the console, as for rz run")
        .flag("stats", "restore: show on exit what the machine has done");
  }

  /** Runs the machine to its end; returns the status with which to end. */
  public static int call(StoredSnapshot snapshot, CommandLine line) throws Exception {
    RunOptions options = RunOptions.of(line);
    return options.detached()
        ? Detached.start(options)
        : new Run(options, Optional.of(snapshot), new OwnProcess()).call();
  }
}
