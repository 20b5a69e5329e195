package dev.ringzero.cli.bench.guest;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.Suite;
import dev.ringzero.cli.bench.guest.GuestConsole.Outcome;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.Subject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Debian's programs in one guest that every subject boots from the same files. All guests stay up
 * and take turns, program by program and round by round, so that a change in the host's speed meets
 * all of them; those whose turn it is not are idle.
 */
public final class GuestPrograms implements Suite {
  static final List<GuestProgram> ALL =
      List.of(
          of("shell-loop", Group.COMPUTE, "arithmetic in busybox's shell"),
          of("sha256sum", Group.COMPUTE, "coreutils on 32 MiB of text"),
          of("gzip", Group.COMPUTE, "packs and unpacks 8 MiB of text"),
          of("xz", Group.COMPUTE, "packs and unpacks 1 MB of text"),
          of("zstd", Group.COMPUTE, "packs (level 9) and unpacks 8 MiB of text"),
          of("rsa", Group.COMPUTE, "modular exponentiation of 2048 bits in OpenSSL"),
          of("perl-regex", Group.COMPUTE, "regular expressions of perl on text"),
          of("awk-words", Group.COMPUTE, "mawk counts words"),
          of("python-loop", Group.COMPUTE, "Python's interpreter loop: fib(25)"),
          of("python-objects", Group.COMPUTE, "classes, dictionaries, strings, sorting in Python"),
          of("sqlite", Group.COMPUTE, "inserts, joins, updates in SQLite"),
          of("tcc", Group.COMPUTE, "tcc compiles 6,000 functions and runs them"),
          of("gcc", Group.COMPUTE, "gcc -O2 compiles three small programs"),
          of("nbody", Group.FLOAT, "planets in C, double precision"),
          of("matrix", Group.FLOAT, "matrix product in C, AVX2"),
          of("mandelbrot", Group.FLOAT, "Mandelbrot set in mawk"),
          of("python-nbody", Group.FLOAT, "planets in Python"),
          of("aes", Group.FLOAT, "AES-128-CBC of 48 MiB in OpenSSL"),
          of("chacha20", Group.FLOAT, "ChaCha20 of 48 MiB in OpenSSL"),
          of("sha512", Group.FLOAT, "SHA-512 of 32 MiB in OpenSSL"),
          of("memory-stream", Group.MEMORY, "streams through 64 MiB"),
          of("memory-random", Group.MEMORY, "follows pointers through 32 MiB in random order"),
          of("fork-exec", Group.OS, "starts /bin/true from the shell"),
          of("page-faults", Group.OS, "touches fresh pages, copies some on write"),
          of("pipe", Group.OS, "two processes hand a byte to and fro"),
          of("hackbench", Group.OS, "three groups of 40 processes talk over sockets"),
          of("syscalls", Group.OS, "reads and writes of one byte"),
          of("small-files", Group.OS, "makes, renames, reads, removes files in Python"));

  private static GuestProgram of(String name, Group group, String summary) {
    return new GuestProgram(new Program(name, group, summary));
  }

  @Override
  public List<Program> programs() {
    return ALL.stream().map(GuestProgram::program).toList();
  }

  @Override
  public void measure(List<Program> chosen, Session session)
      throws IOException, InterruptedException {
    GuestImage image = GuestImage.prepare(session.cache(), session.progress());
    try (Stations stations = Stations.start(image, session)) {
      for (GuestProgram program : ALL) {
        if (chosen.contains(program.program())) {
          measure(program, stations, session);
        }
      }
    }
  }

  private static void measure(GuestProgram program, Stations stations, Session session)
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
