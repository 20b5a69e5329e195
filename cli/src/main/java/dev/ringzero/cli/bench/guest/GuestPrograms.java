package dev.ringzero.cli.bench.guest;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.Suite;
import java.io.IOException;
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
          of("memory-stream", Group.ACCESS, "streams through 64 MiB"),
          of("memory-random", Group.ACCESS, "follows pointers through 32 MiB in random order"),
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
          Rounds.measure(program, stations, session);
        }
      }
    }
  }
}
