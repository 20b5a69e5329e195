package dev.ringzero.cli.bench.nested;

import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Series;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.Suite;
import dev.ringzero.cli.bench.guest.GuestConsole.Outcome;
import dev.ringzero.cli.bench.guest.Station;
import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.Qemu;
import dev.ringzero.cli.bench.subject.RingZero;
import dev.ringzero.cli.bench.subject.Subject;
import dev.ringzero.cli.bench.subject.Subjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Guests of guests: exits to Debian's KVM in the outer guest, and a Linux that runs in it. On our
 * AMD-V, on QEMU's translator with the same, and on our VT-x.
 */
public final class NestedSuite implements Suite {
  private static final double MICROS = 1e6;

  @Override
  public List<Program> programs() {
    return NestedProgram.ALL.stream().map(NestedProgram::program).toList();
  }

  /** QEMU's translator is the only peer with AMD-V of its own. */
  @Override
  public Subjects subjects(Subjects found) {
    List<Subject> peers = new ArrayList<>();
    found.peers().stream()
        .filter(peer -> peer instanceof Qemu qemu && qemu.accelerator() == Qemu.Accelerator.TCG)
        .forEach(peers::add);
    peers.add(new VtX());
    return new Subjects(found.ours(), peers, List.of());
  }

  @Override
  public boolean isAlone() {
    return true;
  }

  @Override
  public void measure(List<Program> chosen, Session session)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("ringzero-bench-");
    List<Station> stations = new ArrayList<>();
    try {
      for (Subject subject : session.subjects().all()) {
        stations.add(start(subject, folder, session));
      }
      for (NestedProgram program : NestedProgram.ALL) {
        if (chosen.contains(program.program())) {
          measure(program, stations, session);
        }
      }
      for (Station station : stations) {
        tell(station.subject(), session);
      }
    } finally {
      stations.forEach(Station::close);
      delete(folder);
    }
  }

  private static Station start(Subject subject, Path folder, Session session)
      throws IOException, InterruptedException {
    String module = subject instanceof VtX ? "kvm_intel" : "kvm_amd";
    Guest guest = NestedGuest.prepare(folder, module, session.cache(), session.progress());
    session.tell("starting " + subject.name());
    Station station = new Station(subject, command(subject, guest));
    try {
      station.start();
    } catch (GuestException e) {
      session.tell(subject.name() + " did not start: " + e.getMessage());
    }
    return station;
  }

  static List<String> command(Subject subject, Guest guest) {
    return switch (subject) {
      case RingZero ours -> with(ours.command(guest), "--cpu", "amd");
      case Qemu qemu -> with(qemu.with(Qemu.KernelForm.PVH).command(guest), "-cpu", "max,+svm");
      default -> subject.command(guest);
    };
  }

  private static List<String> with(List<String> command, String... more) {
    List<String> longer = new ArrayList<>(command);
    longer.addAll(List.of(more));
    return longer;
  }

  private static void measure(NestedProgram program, List<Station> stations, Session session)
      throws InterruptedException {
    for (int round : session.rounds()) {
      List<Station> order = new ArrayList<>(stations);
      Collections.rotate(order, round);
      for (Station station : order) {
        if (session.results().failure(program.program(), station.subject()).isEmpty()) {
          take(program, station, session, round > 0);
        }
      }
    }
    session.tellTimes(program.program());
  }

  private static void take(NestedProgram program, Station station, Session session, boolean counted)
      throws InterruptedException {
    Subject subject = station.subject();
    try {
      Outcome outcome = station.run(program.program().name());
      if (outcome.status() != 0 || !outcome.result().equals(program.expected())) {
        session.results().fail(program.program(), subject, outcome.result());
      } else if (counted) {
        session.results().add(program.program(), subject, outcome.seconds(session.clock()));
      }
    } catch (GuestException e) {
      session.results().fail(program.program(), subject, e.getMessage());
    }
  }

  /** What an exit costs, and what an inner Linux costs beside the outer. */
  private static void tell(Subject subject, Session session) {
    List<String> words = new ArrayList<>();
    for (NestedProgram program : NestedProgram.ALL) {
      if (program.expected().equals("right")) {
        median(program, subject, session)
            .map(seconds -> seconds / NestedProgram.ROUNDS * MICROS)
            .ifPresent(micros -> words.add("%s %.1f µs".formatted(shortName(program), micros)));
      }
    }
    ratio(NestedProgram.INNER_COMPUTE, NestedProgram.OUTER_COMPUTE, subject, session)
        .ifPresent(ratio -> words.add("computing in the inner Linux %.2f times".formatted(ratio)));
    ratio(NestedProgram.INNER_FORK, NestedProgram.OUTER_FORK, subject, session)
        .ifPresent(ratio -> words.add("fork and exec %.2f times the outer".formatted(ratio)));
    if (!words.isEmpty()) {
      session.tell("  " + subject.name() + ": " + String.join(", ", words));
    }
  }

  private static String shortName(NestedProgram program) {
    return program.program().name().substring("nested-".length());
  }

  private static Optional<Double> ratio(
      NestedProgram inner, NestedProgram outer, Subject subject, Session session) {
    return median(inner, subject, session)
        .flatMap(time -> median(outer, subject, session).map(base -> time / base));
  }

  private static Optional<Double> median(NestedProgram program, Subject subject, Session session) {
    return session.results().series(program.program(), subject).map(Series::median);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
