package dev.ringzero.cli.bench.network;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.Suite;
import dev.ringzero.cli.bench.guest.GuestConsole.Outcome;
import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.Qemu;
import dev.ringzero.cli.bench.subject.Subject;
import dev.ringzero.cli.bench.subject.Subjects;
import dev.ringzero.vmm.machine.CardModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Traffic between two guests over each way to a network card, with what it costs: time of the
 * host's processors, and for each frame exits, doorbells, calls of the device's model and
 * interrupts, of both guests together. One pair of guests is up at a time.
 */
public final class PathSuite implements Suite {
  /** Traffic, and the script that makes it. */
  private record PathProgram(Program program, NetworkProgram traffic) {
    static PathProgram of(NetworkProgram traffic) {
      String name = traffic.program().name().replace("net-guest-", "path-");
      return new PathProgram(
          new Program(name, Group.PATHS, traffic.program().summary() + ", each way"), traffic);
    }
  }

  private static final List<PathProgram> ALL =
      NetworkProgram.ALL.stream()
          .filter(traffic -> !traffic.toHost())
          .map(PathProgram::of)
          .toList();

  @Override
  public List<Program> programs() {
    return ALL.stream().map(PathProgram::program).toList();
  }

  @Override
  public Subjects subjects(Subjects found) {
    List<Subject> peers = new ArrayList<>(Way.others());
    found.peers().stream().filter(Qemu.class::isInstance).forEach(peers::add);
    return new Subjects(found.ours(), List.copyOf(peers), found.absent());
  }

  @Override
  public boolean isAlone() {
    return true;
  }

  @Override
  public void measure(List<Program> chosen, Session session)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("ringzero-bench-");
    try (HostServer server = new HostServer()) {
      Guest guest =
          NetworkGuest.prepare(folder, server.port(), session.cache(), session.progress());
      Guest intel =
          NetworkGuest.prepareForIntel(folder, server.port(), session.cache(), session.progress());
      PathTable table = new PathTable();
      for (PathPair pair : pairs(guest, intel, session)) {
        measure(pair, chosen, session, table);
      }
      table.markdown().forEach(session::tell);
    } finally {
      NetworkSuite.delete(folder);
    }
  }

  private static List<PathPair> pairs(Guest guest, Guest intel, Session session)
      throws IOException {
    List<PathPair> pairs = new ArrayList<>();
    for (Way way : Way.ALL) {
      boolean isIntel = way.model() == CardModel.INTEL_82576;
      pairs.add(new WayPair(way, isIntel ? intel : guest));
    }
    for (Subject subject : session.subjects().all()) {
      if (subject instanceof Qemu) {
        pairs.add(new Pair(subject, guest));
      }
    }
    return pairs;
  }

  private static void measure(PathPair pair, List<Program> chosen, Session session, PathTable table)
      throws InterruptedException {
    session.tell(pair.subject().name() + ": " + pair.subject().how());
    try (pair) {
      pair.start();
      for (PathProgram program : ALL) {
        if (chosen.contains(program.program())) {
          measure(program, pair, session, table);
        }
      }
    } catch (GuestException e) {
      session.tell(pair.subject().name() + " did not start: " + e.getMessage());
      chosen.forEach(program ->
          session.results().fail(program, pair.subject(), String.valueOf(e.getMessage())));
    }
  }

  private static void measure(PathProgram program, PathPair pair, Session session, PathTable table)
      throws InterruptedException {
    MachineCounts counts = MachineCounts.NONE;
    Duration cpu = Duration.ZERO;
    List<Double> seconds = new ArrayList<>();
    try {
      for (int round : session.rounds()) {
        MachineCounts countsBefore = pair.counts();
        Duration cpuBefore = pair.cpuTime();
        Outcome outcome = pair.run(program.traffic());
        if (outcome.status() != 0 || !outcome.result().equals("right")) {
          session.results().fail(program.program(), pair.subject(), outcome.result());
          return;
        }
        if (round > 0) {
          counts = counts.plus(pair.counts().minus(countsBefore));
          cpu = cpu.plus(pair.cpuTime().minus(cpuBefore));
          seconds.add(outcome.seconds(session.clock()));
          session.results().add(program.program(), pair.subject(), seconds.getLast());
        }
      }
    } catch (GuestException e) {
      session.results().fail(program.program(), pair.subject(), e.getMessage());
      return;
    }
    double median = seconds.stream().sorted().toList().get(seconds.size() / 2);
    PathTable.Row row =
        new PathTable.Row(
            pair.subject().name(), program.traffic(), median, cpu, seconds.size(), counts);
    session.tell(table.add(row, program.program().name()));
  }
}
