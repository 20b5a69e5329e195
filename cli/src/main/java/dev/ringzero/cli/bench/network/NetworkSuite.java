package dev.ringzero.cli.bench.network;

import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.Suite;
import dev.ringzero.cli.bench.guest.GuestConsole.Outcome;
import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.Native;
import dev.ringzero.cli.bench.subject.RingZero;
import dev.ringzero.cli.bench.subject.Subject;
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
 * Traffic of a guest with the host, through user-mode NAT, and with another guest: over a switch on
 * RingZero, over a socket on QEMU, each with virtio cards. The guests stay up and take turns.
 */
public final class NetworkSuite implements Suite {
  @Override
  public List<Program> programs() {
    return NetworkProgram.ALL.stream().map(NetworkProgram::program).toList();
  }

  @Override
  public void measure(List<Program> chosen, Session session)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("ringzero-bench-");
    List<Pair> pairs = new ArrayList<>();
    try (HostServer server = new HostServer()) {
      Guest guest =
          NetworkGuest.prepare(folder, server.port(), session.cache(), session.progress());
      for (Subject subject : session.subjects().all()) {
        if (!(subject instanceof Native)) {
          start(new Pair(subject, guest), pairs, session);
        }
      }
      for (NetworkProgram program : NetworkProgram.ALL) {
        if (chosen.contains(program.program())) {
          measure(program, pairs, session);
        }
      }
    } finally {
      pairs.forEach(Pair::close);
      delete(folder);
    }
  }

  private static void start(Pair pair, List<Pair> pairs, Session session)
      throws InterruptedException {
    session.tell("starting two guests on " + pair.subject().name());
    pairs.add(pair);
    try {
      pair.start();
    } catch (GuestException e) {
      session.tell(pair.subject().name() + " did not start: " + e.getMessage());
    }
  }

  private static void measure(NetworkProgram program, List<Pair> pairs, Session session)
      throws InterruptedException {
    Optional<MachineCounts> before = MachineCounts.of(Pair.MACHINE);
    for (int round : session.rounds()) {
      List<Pair> order = new ArrayList<>(pairs);
      Collections.rotate(order, round);
      for (Pair pair : order) {
        if (session.results().failure(program.program(), pair.subject()).isEmpty()) {
          take(program, pair, session, round > 0);
        }
      }
    }
    Optional<MachineCounts> after = MachineCounts.of(Pair.MACHINE);
    session.tellTimes(program.program());
    for (Pair pair : pairs) {
      session
          .results()
          .series(program.program(), pair.subject())
          .ifPresent(series ->
              session.tell(
                  "  %s: %s%s"
                      .formatted(
                          pair.subject().name(),
                          program.rate(series.median()),
                          exits(pair.subject(), before, after))));
    }
  }

  private static String exits(
      Subject subject, Optional<MachineCounts> before, Optional<MachineCounts> after) {
    if (!(subject instanceof RingZero) || before.isEmpty() || after.isEmpty()) {
      return "";
    }
    long frames = after.get().frames() - before.get().frames();
    long exits = after.get().exits() - before.get().exits();
    return ", %.1f exits a frame of %,d".formatted((double) exits / Math.max(1, frames), frames);
  }

  private static void take(NetworkProgram program, Pair pair, Session session, boolean counted)
      throws InterruptedException {
    try {
      Outcome outcome = pair.run(program);
      if (outcome.status() != 0 || !outcome.result().equals("right")) {
        session.results().fail(program.program(), pair.subject(), outcome.result());
      } else if (counted) {
        double seconds = outcome.seconds(session.clock());
        session.results().add(program.program(), pair.subject(), seconds);
      }
    } catch (GuestException e) {
      session.results().fail(program.program(), pair.subject(), e.getMessage());
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
