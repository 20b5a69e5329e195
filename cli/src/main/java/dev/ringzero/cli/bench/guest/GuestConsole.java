package dev.ringzero.cli.bench.guest;

import dev.ringzero.cli.bench.Clock;
import dev.ringzero.cli.bench.subject.ConsoleRun;
import dev.ringzero.cli.bench.subject.GuestException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The host's end of {@code driver.sh}: has programs run and takes their times. */
public final class GuestConsole implements AutoCloseable {
  private static final double NANOS = 1e9;
  private static final String MARK = "bench: ";
  private static final Duration START_LIMIT = Duration.ofSeconds(180);
  private static final Duration PREPARATION_LIMIT = Duration.ofSeconds(180);
  private static final Duration RUN_LIMIT = Duration.ofSeconds(120);
  private static final Duration LINE_LIMIT = Duration.ofSeconds(60);

  private final ConsoleRun run;

  /** What a program did; it printed the result, with blanks between words. */
  public record Outcome(Duration wall, Duration cpu, int status, String result) {
    /** How long it took. */
    public double seconds(Clock clock) {
      Duration time =
          switch (clock) {
            case WALL -> wall;
            case CPU -> cpu;
          };
      return time.toNanos() / NANOS;
    }
  }

  GuestConsole(List<String> command) throws IOException {
    run = new ConsoleRun(command);
  }

  /** Waits until the guest takes programs; returns the time since its start. */
  Duration awaitReady() throws GuestException, InterruptedException {
    return run.await(MARK + "ready", START_LIMIT);
  }

  Duration cpuTime() {
    return run.cpuTime();
  }

  Outcome run(String program) throws GuestException, InterruptedException {
    run.type(program);
    run.await(MARK, PREPARATION_LIMIT);
    String answer = run.restOfLine(LINE_LIMIT);
    if (!answer.equals("begin")) {
      return new Outcome(Duration.ZERO, Duration.ZERO, -1, answer);
    }
    long began = System.nanoTime();
    Duration cpuBefore = run.cpuTime();
    run.await(MARK + "end ", RUN_LIMIT);
    Duration wall = Duration.ofNanos(System.nanoTime() - began);
    Duration cpu = run.cpuTime().minus(cpuBefore);
    int status = Integer.parseInt(run.restOfLine(LINE_LIMIT));
    run.await(MARK + "result", LINE_LIMIT);
    return new Outcome(wall, cpu, status, run.restOfLine(LINE_LIMIT));
  }

  @Override
  public void close() {
    run.close();
  }
}
