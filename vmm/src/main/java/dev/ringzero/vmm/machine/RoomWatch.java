package dev.ringzero.vmm.machine;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Knows which disks the host has no room for, tells when there begin and cease to be any, and lets
 * them try again meanwhile. The guest's writes wait, and nothing is lost.
 */
final class RoomWatch implements AutoCloseable {
  private static final long RETRY_MILLIS = 1000;

  private final String machine;
  private final Runnable retry;
  private final Consumer<Boolean> waiting;
  private final Set<String> full = new LinkedHashSet<>();
  private ScheduledExecutorService timer;
  private boolean retrying;
  private boolean told;
  private boolean closed;

  /**
   * Makes a watch that knows of no disk.
   *
   * @param waiting told on a thread of its own whether the machine has to wait for room
   */
  RoomWatch(String machine, Runnable retry, Consumer<Boolean> waiting) {
    this.machine = machine;
    this.retry = retry;
    this.waiting = waiting;
  }

  /** A write to a disk found no room, and is to be tried again. Any thread. */
  synchronized void stalled() {
    if (retrying || closed) {
      return;
    }
    retrying = true;
    timer().schedule(this::tryAgain, RETRY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tryAgain() {
    synchronized (this) {
      retrying = false;
    }
    retry.run();
  }

  /** The host has, or has not, room for what is written to a file. Any thread. */
  synchronized void room(String file, boolean isThere) {
    boolean changed = isThere ? full.remove(file) : full.add(file);
    if (changed && !closed) {
      timer().execute(this::tell);
    }
  }

  private void tell() {
    boolean wait;
    synchronized (this) {
      wait = !full.isEmpty();
      if (wait == told) {
        return;
      }
      told = wait;
    }
    waiting.accept(wait);
  }

  private ScheduledExecutorService timer() {
    if (timer == null) {
      timer =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().name(machine + "-room").daemon().factory());
    }
    return timer;
  }

  /** What the machine waits for, in words; empty if it does not. */
  synchronized String reason() {
    return full.isEmpty() ? "" : "no space left on the host for " + String.join(", ", full);
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (timer != null) {
      timer.shutdownNow();
    }
  }
}
