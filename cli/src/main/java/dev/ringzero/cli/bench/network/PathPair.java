package dev.ringzero.cli.bench.network;

import dev.ringzero.cli.bench.guest.GuestConsole.Outcome;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.Subject;
import java.time.Duration;

/** Two guests that talk with each other, and what that costs. */
interface PathPair extends AutoCloseable {
  Subject subject();

  void start() throws GuestException, InterruptedException;

  Outcome run(NetworkProgram program) throws GuestException, InterruptedException;

  /** What both spent on the host's processors so far. */
  Duration cpuTime();

  /** What both have counted so far; zeros for others than us. */
  MachineCounts counts();

  @Override
  void close();
}
