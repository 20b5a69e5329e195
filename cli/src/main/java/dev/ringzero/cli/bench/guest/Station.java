package dev.ringzero.cli.bench.guest;

import dev.ringzero.cli.bench.guest.GuestConsole.Outcome;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.Subject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A subject with its guest, which is started again after it hung or ended. */
public final class Station implements AutoCloseable {
  private static final int MOST_RESTARTS = 3;

  private final Subject subject;
  private final List<String> command;
  private GuestConsole console;
  private int restarts;

  public Station(Subject subject, List<String> command) {
    this.subject = subject;
    this.command = command;
  }

  public Subject subject() {
    return subject;
  }

  public void start() throws GuestException, InterruptedException {
    try {
      console = new GuestConsole(command);
      console.awaitReady();
    } catch (GuestException e) {
      close();
      throw e;
    } catch (IOException e) {
      throw new GuestException("cannot start " + command.getFirst() + ": " + e.getMessage());
    }
  }

  public Outcome run(String program) throws GuestException, InterruptedException {
    if (console == null) {
      if (restarts++ == MOST_RESTARTS) {
        throw new GuestException("not tried, after so many guests that did not answer");
      }
      start();
    }
    try {
      return console.run(program);
    } catch (GuestException e) {
      close();
      throw e;
    }
  }

  /** What its process has spent on the host's processors. */
  public Duration cpuTime() {
    return console == null ? Duration.ZERO : console.cpuTime();
  }

  @Override
  public void close() {
    if (console != null) {
      console.close();
      console = null;
    }
  }
}
