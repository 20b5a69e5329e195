package dev.ringzero.cli.bench.guest;

import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.guest.GuestConsole.Outcome;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.Subject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Has guests run a program in turns, and checks what it prints. */
final class Rounds {
  private Rounds() {}

  static void measure(GuestProgram program, Stations stations, Session session)
      throws IOException, InterruptedException {
    String expected = program.expected();
    for (int round : session.rounds()) {
      List<Station> order = new ArrayList<>(stations.all());
      Collections.rotate(order, round);
      for (Station station : order) {
        if (session.results().failure(program.program(), station.subject()).isEmpty()) {
          take(program, expected, station, session, round > 0);
        }
      }
    }
    session.tellTimes(program.program());
  }

  private static void take(
      GuestProgram program, String expected, Station station, Session session, boolean counted)
      throws InterruptedException {
    Subject subject = station.subject();
    try {
      Outcome outcome = station.run(program.program().name());
      if (outcome.status() != 0) {
        fail(program, subject, session, "ended with status " + words(outcome));
      } else if (!outcome.result().equals(expected)) {
        fail(
            program,
            subject,
            session,
            "printed \"" + outcome.result() + "\", expected \"" + expected + "\"");
      } else if (counted) {
        session.results().add(program.program(), subject, outcome.seconds(session.clock()));
      }
    } catch (GuestException e) {
      fail(program, subject, session, e.getMessage());
    }
  }

  private static String words(Outcome outcome) {
    return outcome.status() < 0 ? outcome.result() : outcome.status() + ": " + outcome.result();
  }

  private static void fail(GuestProgram program, Subject subject, Session session, String reason) {
    session.results().fail(program.program(), subject, reason);
  }
}
