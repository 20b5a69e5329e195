package dev.ringzero.cli.bench;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.bench.boot.BootSuite;
import dev.ringzero.cli.bench.disk.DiskSuite;
import dev.ringzero.cli.bench.guest.GuestPrograms;
import dev.ringzero.cli.bench.kernels.KernelSuite;
import dev.ringzero.cli.bench.network.NetworkSuite;
import dev.ringzero.cli.bench.snapshot.DensitySuite;
import dev.ringzero.cli.bench.snapshot.SnapshotSuite;
import dev.ringzero.cli.command.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All that {@code rz bench} can measure. */
final class Suites {
  static final List<Suite> ALL =
      List.of(
          new BootSuite(),
          new GuestPrograms(),
          new DiskSuite(),
          new NetworkSuite(),
          new SnapshotSuite(),
          new DensitySuite(),
          new KernelSuite());

  private Suites() {}

  static List<Program> programs() {
    List<Program> programs = new ArrayList<>();
    ALL.forEach(suite -> programs.addAll(suite.programs()));
    return programs;
  }

  /** The programs that a user names, by their own names or their groups'; all for no name. */
  static Set<Program> chosen(List<String> names) {
    Set<Program> chosen = new LinkedHashSet<>(names.isEmpty() ? programs() : List.of());
    for (String name : names) {
      List<Program> found =
          programs().stream()
              .filter(program -> program.name().equals(name) || program.group().key().equals(name))
              .toList();
      if (found.isEmpty()) {
        throw new UsageException(unknown(name));
      }
      chosen.addAll(found);
    }
    return chosen;
  }

  private static String unknown(String name) {
    List<String> known = new ArrayList<>(programs().stream().map(Program::name).toList());
    for (Group group : Group.values()) {
      known.add(group.key());
    }
    return "no program "
        + name
        + Nearest.to(name, known).map(near -> "; did you mean " + near + "?").orElse("")
        + " (rz bench list shows all)";
  }
}
