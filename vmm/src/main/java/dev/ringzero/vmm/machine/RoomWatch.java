package dev.ringzero.vmm.machine;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Lets disks try again while the host has no room for what the guest writes. The guest's writes
 * wait meanwhile, and nothing is lost.
 */
final class RoomWatch implements AutoCloseable {
  private static final long RETRY_MILLIS = 1000;

  private final String machine;
  private final Runnable retry;
  private ScheduledExecutorService timer;
  private boolean waiting;
  private boolean told;
  private boolean closed;

  RoomWatch(String machine, Runnable retry) {
    this.machine = machine;
    this.retry = retry;
  }

  /** A write found no room. Any thread. */
  synchronized void stalled() {
    if (waiting || closed) {
      return;
    }
    waiting = true;
    if (!told) {
      told = true;
      System.getLogger(RoomWatch.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "no space left on the host for the disks of {0}: its writes wait until there is some",
              machine);
    }
    if (timer == null) {
      timer =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().name(machine + "-room").daemon().factory());
    }
    timer.schedule(this::tryAgain, RETRY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tryAgain() {
    synchronized (this) {
      waiting = false;
    }
    retry.run();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (timer != null) {
      timer.shutdownNow();
    }
  }
}
