package dev.ringzero.cli.bench;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.bench.boot.BootSuite;
import dev.ringzero.cli.bench.disk.DiskSuite;
import dev.ringzero.cli.bench.guest.GuestPrograms;
import dev.ringzero.cli.bench.guest.MemoryPrograms;
import dev.ringzero.cli.bench.kernels.KernelSuite;
import dev.ringzero.cli.bench.nested.NestedSuite;
import dev.ringzero.cli.bench.network.NetworkSuite;
import dev.ringzero.cli.bench.network.PathSuite;
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
          new PathSuite(),
          new SnapshotSuite(),
          new DensitySuite(),
          new KernelSuite(),
          new MemoryPrograms(),
          new NestedSuite());

  private Suites() {}

  static List<Program> programs() {
    List<Program> programs = new ArrayList<>();
    ALL.forEach(suite -> programs.addAll(suite.programs()));
    return programs;
  }

  /**
   * The programs that a user names, by their own names or their groups'; for no name all that can
   * be measured in one run.
   */
  static Set<Program> chosen(List<String> names) {
    Set<Program> chosen = new LinkedHashSet<>();
    if (names.isEmpty()) {
      ALL.stream()
          .filter(suite -> !suite.isAlone())
          .forEach(suite -> chosen.addAll(suite.programs()));
    }
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
    refuseBesideOthers(chosen);
    return chosen;
  }

  private static void refuseBesideOthers(Set<Program> chosen) {
    for (Suite suite : ALL) {
      if (suite.isAlone()
          && suite.programs().stream().anyMatch(chosen::contains)
          && !suite.programs().containsAll(chosen)) {
        throw new UsageException(
            suite.programs().getFirst().group().key()
                + " has other subjects than the rest: measure it in a run of its own");
      }
    }
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
