package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.Nearest;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.run.RestoredRun;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.control.snapshot.SnapshotException;
import dev.ringzero.control.snapshot.SnapshotStore;
import dev.ringzero.control.snapshot.StoredSnapshot;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;

/** {@code rz snapshot}. */
public final class SnapshotCommand implements Command {
  private static final int MOST_OPERANDS = 3;
  private static final List<String> VERBS = List.of("save", "ls", "show", "rm", "restore");
  private static final String COLUMNS = "%-20s %-20s %5s %9s %9s  %s%n";
  private static final int MEBIBYTE_SHIFT = 20;

  @Override
  public String name() {
    return "snapshot";
  }

  @Override
  public String summary() {
    return "save a running machine, and let machines go on from there";
  }

  @Override
  public String operands() {
    return "save VM NAME | ls | show NAME | rm NAME | restore NAME";
  }

  @Override
  public int maximumOperands() {
    return MOST_OPERANDS;
  }

  @Override
  public Options options() {
    OptionTable table =
        new OptionTable()
            .flag("replace", "save: instead of a snapshot of that name")
            .flag("json", "save, ls and show: as JSON")
            .flag("names", "ls: names only");
    return RestoredRun.addOptions(table).options();
  }

  @Override
  public String notes() {
    return """

    A snapshot has all of a machine: processors, memory, devices, and copies of the disks that it
    may write. The machine goes on as it was. A restored machine maps the saved memory and copies
    the pages that it writes; its disks begin as they were saved, and what it writes to them ends
    with it: save it again to keep that. Its guest learns that it is a copy, by ACPI's generation
    counter; ours then takes the time, random numbers and addresses of network cards anew.
    Connections through NAT and sockets of before are reset. Machines on KVM and with direct
    paging cannot be saved. A snapshot holds what the guest had in memory, passwords too.
    """;
  }

  @Override
  public int run(CommandLine line) throws Exception {
    List<String> words = line.getArgList();
    if (words.isEmpty()) {
      throw new UsageException("snapshot " + operands() + " (see rz help snapshot)");
    }
    String verb = words.getFirst();
    refuseOptionsOfOthers(line, verb);
    SnapshotStore store = SnapshotStore.ofUser();
    return switch (verb) {
      case "save" -> save(words, line);
      case "ls" -> list(store, line);
      case "show" -> show(store.get(operand(words)), line.hasOption("json"));
      case "rm" -> remove(store, operand(words));
      case "restore" -> RestoredRun.call(store.get(operand(words)), line);
      default ->
          throw new UsageException(
              "snapshot "
                  + verb
                  + "? Known: "
                  + String.join(", ", VERBS)
                  + Nearest.to(verb, VERBS).map(near -> "; did you mean " + near + "?").orElse(""));
    };
  }

  private static void refuseOptionsOfOthers(CommandLine line, String verb) {
    for (Option option : line.getOptions()) {
      boolean fits =
          switch (option.getLongOpt()) {
            case "json" -> List.of("save", "ls", "show").contains(verb);
            case "names" -> verb.equals("ls");
            case "replace" -> verb.equals("save");
            default -> verb.equals("restore");
          };
      if (VERBS.contains(verb) && !fits) {
        throw new UsageException("--" + option.getLongOpt() + " does not go with snapshot " + verb);
      }
    }
  }

  private static String operand(List<String> words) {
    if (words.size() != 2) {
      throw new UsageException(
          "snapshot %s NAME (see rz help snapshot)".formatted(words.getFirst()));
    }
    return words.get(1);
  }

  private static int save(List<String> words, CommandLine line) {
    if (words.size() != MOST_OPERANDS) {
      throw new UsageException("snapshot save VM NAME (see rz help snapshot)");
    }
    try (MessageChannel channel = MachineCommand.connect(ControlDirectory.ofUser(), words.get(1))) {
      Map<String, Object> answer =
          channel.ask(
              Map.of("do", "snapshot", "name", words.get(2), "replace", line.hasOption("replace")));
      answer.remove("ok");
      if (line.hasOption("json")) {
        System.out.println(Json.write(answer));
      } else {
        System.out.printf(
            "%s: %s of memory; the guest stood still for %d ms%n",
            answer.get("name"),
            mebibytes(answer.get("storedBytes")),
            (Long) answer.get("stoodStillMillis"));
      }
      return ExitStatus.OK;
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static String mebibytes(Object bytes) {
    return ((Long) bytes >> MEBIBYTE_SHIFT) + "M";
  }

  private static int list(SnapshotStore store, CommandLine line) {
    boolean table = !line.hasOption("json") && !line.hasOption("names");
    if (table) {
      System.out.printf(COLUMNS, "NAME", "SAVED", "CPUS", "MEMORY", "STORED", "MACHINE");
    }
    for (String name : store.names()) {
      if (line.hasOption("names")) {
        System.out.println(name);
        continue;
      }
      try {
        Map<String, Object> map = store.get(name).toMap();
        if (table) {
          System.out.printf(
              COLUMNS,
              name,
              map.get("saved").toString().replaceAll("\\.\\d+", ""),
              map.get("cpus"),
              mebibytes(map.get("memoryBytes")),
              mebibytes(map.get("storedBytes")),
              map.get("machine"));
        } else {
          System.out.println(Json.write(map));
        }
      } catch (SnapshotException e) {
        System.err.println("rz: " + e.getMessage());
      }
    }
    return ExitStatus.OK;
  }

  private static int show(StoredSnapshot snapshot, boolean json) {
    Map<String, Object> map = snapshot.toMap();
    if (json) {
      System.out.println(Json.write(map));
    } else {
      map.forEach((name, value) ->
          System.out.printf(
              "%-22s %s%n", name, value instanceof String ? value : Json.write(value)));
    }
    snapshot.verify();
    return ExitStatus.OK;
  }

  private static int remove(SnapshotStore store, String name) {
    if (!store.has(name)) {
      store.get(name);
    }
    store.remove(name);
    return ExitStatus.OK;
  }
}
