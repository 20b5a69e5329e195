package dev.ringzero.cli.bench.kernels;

import dev.ringzero.cli.bench.Clock;
import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.Suite;
import dev.ringzero.cli.bench.subject.ConsoleRun;
import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.RingZero;
import dev.ringzero.cli.bench.subject.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Small kernels without an operating system, one after the other in one bare-metal guest: what the
 * engines make of plain loops. Our software engine is measured with the translator, and for
 * comparison with the interpreter alone.
 */
public final class KernelSuite implements Suite {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final double NANOS = 1e9;
  private static final int MEMORY_MEBIBYTES = 64;

  private static final List<Program> PROGRAMS =
      List.of(
          kernel("array", "sum and update an array of 128 KiB"),
          kernel("sieve", "sieve of Eratosthenes on 64 KiB"),
          kernel("fib", "recursive calls"),
          kernel("string", "length of a string, and its copy, byte by byte"),
          kernel("interpreter", "a bytecode interpreter's indirect jumps"),
          kernel("sse2", "SSE2 on integers"),
          kernel("mandelbrot", "scalar SSE2 on doubles"),
          kernel("dot", "dot product of doubles, packed SSE2"),
          kernel("stride", "a read from each of 2,048 pages in turn"),
          kernel("high-registers", "the array loop in R12 to R15"),
          kernel("chase", "a chain of dependent reads"));

  private static Program kernel(String name, String summary) {
    return new Program("kernel-" + name, Group.KERNELS, summary);
  }

  @Override
  public List<Program> programs() {
    return PROGRAMS;
  }

  @Override
  public void measure(List<Program> chosen, Session session)
      throws IOException, InterruptedException {
    Path image = Files.createTempFile(session.cache().directory("bench"), "kernels-", ".elf");
    Path initrd = Files.createTempFile(session.cache().directory("bench"), "kernels-", ".none");
    Map<Program, Double> interpreted = Map.of();
    try {
      Files.write(image, KernelImage.bytes());
      Files.write(initrd, new byte[512]); // some subjects insist on one
      Guest guest = new Guest(image, image, initrd, MEMORY_MEBIBYTES, 1, "");
      for (int round : session.rounds()) {
        for (Subject subject : session.subjects().all()) {
          if (!subject.key().equals("native")) {
            measure(subject, guest, chosen, session, round > 0);
          }
        }
      }
      interpreted = interpret(session.subjects().ours(), guest, session.clock());
    } finally {
      Files.deleteIfExists(image);
      Files.deleteIfExists(initrd);
    }
    for (Program program : chosen) {
      session.tellTimes(program);
      if (interpreted.containsKey(program)) {
        session.tell(
            "%s: the interpreter alone %.2f s".formatted(program.name(), interpreted.get(program)));
      }
    }
  }

  private static void measure(
      Subject subject, Guest guest, List<Program> chosen, Session session, boolean counted)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(subject.command(guest));
    if (subject instanceof RingZero) {
      command.addAll(List.of("--engine", "software"));
    }
    try {
      Map<Program, Double> seconds = run(command, session.clock());
      if (counted) {
        chosen.forEach(program -> session.results().add(program, subject, seconds.get(program)));
      }
    } catch (GuestException e) {
      chosen.forEach(program -> session.results().fail(program, subject, e.getMessage()));
    }
  }

  /** Once: it is the slowest, and what it takes hardly varies. */
  private static Map<Program, Double> interpret(RingZero ours, Guest guest, Clock clock)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(ours.command(guest));
    command.addAll(List.of("--translator", "off"));
    try {
      return run(command, clock);
    } catch (GuestException e) {
      return Map.of(); // a word about the interpreter is missing then
    }
  }

  /** Runs the guest; how long each kernel took between its marks on the console. */
  private static Map<Program, Double> run(List<String> command, Clock clock)
      throws IOException, InterruptedException, GuestException {
    Map<Program, Double> seconds = new LinkedHashMap<>();
    try (ConsoleRun run = new ConsoleRun(command)) {
      for (Program program : PROGRAMS) {
        String name = program.name().substring("kernel-".length());
        Duration began = run.await("[" + name, LIMIT);
        Duration cpuBegan = run.cpuTime();
        Duration wall = run.await("]", LIMIT).minus(began);
        Duration time = clock == Clock.WALL ? wall : run.cpuTime().minus(cpuBegan);
        seconds.put(program, time.toNanos() / NANOS);
      }
    }
    return seconds;
  }
}
