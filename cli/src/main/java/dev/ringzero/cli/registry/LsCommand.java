package dev.ringzero.cli.registry;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.registry.RegisteredVm;
import dev.ringzero.control.registry.Registry;
import dev.ringzero.control.registry.RegistryException;
import dev.ringzero.control.registry.VmState;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz ls}. */
public final class LsCommand implements Command {
  private static final String COLUMNS = "%-20s %-9s %8s  %-19s %s%n";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

  @Override
  public String name() {
    return "ls";
  }

  @Override
  public String summary() {
    return "list the machines that were created, and those of rz run, with their states";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .flag("json", "as JSON, an object a line")
        .flag("names", "names only")
        .options();
  }

  @Override
  public String notes() {
    return """

    States: created, starting, running, paused, stopped (its guest ended), failed (it did not start),
    lost (it ran when its process was killed or the computer ended). Machines of rz run are here
    while they run, and when they are lost, until rz rm or another of that name. rz ps shows all that
    run now, those of rz host and copies too.
    """;
  }

  @Override
  public int run(CommandLine line) {
    Registry registry = Registry.ofUser();
    boolean table = !line.hasOption("json") && !line.hasOption("names");
    if (table) {
      System.out.printf(COLUMNS, "NAME", "STATE", "PID", "SINCE", "");
    }
    for (String name : registry.names()) {
      if (line.hasOption("names")) {
        System.out.println(name);
        continue;
      }
      try {
        registry.find(name).ifPresent(vm -> print(vm, table));
      } catch (RegistryException e) {
        System.err.println("rz: " + e.getMessage());
      }
    }
    registry
        .runs()
        .all()
        .forEach((name, state) -> {
          if (!registry.has(name)) {
            printRun(line, name, state);
          }
        });
    return ExitStatus.OK;
  }

  private static void print(RegisteredVm vm, boolean table) {
    if (table) {
      row(vm.name(), vm.state(), "");
    } else {
      System.out.println(Json.write(vm.toMap()));
    }
  }

  private static void printRun(CommandLine line, String name, VmState state) {
    if (line.hasOption("names")) {
      System.out.println(name);
    } else if (line.hasOption("json")) {
      System.out.println(Json.write(Map.of("name", name, "kept", false, "state", state.toMap())));
    } else {
      row(name, state, "(rz run) ");
    }
  }

  private static void row(String name, VmState state, String kind) {
    System.out.printf(
        COLUMNS,
        name,
        state.status().word(),
        state.process().map(Object::toString).orElse("-"),
        TIME.format(Instant.parse(state.since())),
        kind + why(state));
  }

  private static String why(VmState state) {
    Object cause = state.toMap().getOrDefault("cause", "");
    return (cause + " " + state.detail()).strip();
  }
}
