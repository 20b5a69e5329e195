package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz ps}. */
public final class PsCommand implements Command {
  private static final String COLUMNS = "%-16s %8s %5s %9s %10s  %-8s %s%n";
  private static final int MEBIBYTE_SHIFT = 20;

  @Override
  public String name() {
    return "ps";
  }

  @Override
  public String summary() {
    return "list the machines that run";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .flag("json", "as JSON, an object a line")
        .flag("names", "names only")
        .options();
  }

  @Override
  public int run(CommandLine line) {
    List<Map<String, Object>> statuses = Running.statuses(ControlDirectory.ofUser());
    if (line.hasOption("json")) {
      statuses.forEach(status -> System.out.println(Json.write(status)));
    } else if (line.hasOption("names")) {
      statuses.forEach(status -> System.out.println(status.get("name")));
    } else {
      System.out.printf(COLUMNS, "NAME", "PID", "CPUS", "MEMORY", "UP", "STATE", "COMMAND LINE");
      statuses.forEach(PsCommand::print);
    }
    return ExitStatus.OK;
  }

  private static void print(Map<String, Object> status) {
    Duration up = Duration.ofMillis((Long) status.get("uptimeMillis"));
    System.out.printf(
        COLUMNS,
        status.get("name"),
        status.get("pid"),
        status.get("cpus"),
        ((Long) status.get("memoryBytes") >> MEBIBYTE_SHIFT) + "M",
        "%d:%02d:%02d".formatted(up.toHours(), up.toMinutesPart(), up.toSecondsPart()),
        status.getOrDefault("state", "running"),
        status.get("commandLine"));
  }
}
