package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Verbs;
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
import org.apache.commons.cli.Options;

/** {@code rz snapshot}. */
public final class SnapshotCommand implements Command {
  private static final Verbs VERBS =
      new Verbs("snapshot")
          .add("save VM NAME", "replace", "json")
          .add("ls", "json", "names")
          .add("show NAME", "json")
          .add("rm NAME")
          .add("restore NAME", "name", "detach", "timeout", "serial", "stats");
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
    return VERBS.operands();
  }

  @Override
  public int maximumOperands() {
    return VERBS.maximumOperands();
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
    SnapshotStore store = SnapshotStore.ofUser();
    List<String> words = line.getArgList();
    return switch (VERBS.of(line)) {
      case "save" -> save(words, line);
      case "ls" -> list(store, line);
      case "show" -> show(store.get(words.get(1)), line.hasOption("json"));
      case "rm" -> remove(store, words.get(1));
      default -> RestoredRun.call(store.get(words.get(1)), line);
    };
  }

  private static int save(List<String> words, CommandLine line) {
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
