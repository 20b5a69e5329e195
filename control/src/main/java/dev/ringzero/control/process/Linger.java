package dev.ringzero.control.process;

import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Ends a shared process some seconds after its last user has gone, unless a user wanted it to stay.
 * One that is about to end cannot be found any more.
 */
public final class Linger implements AutoCloseable {
  private static final long SECONDS = 5;

  private final ProcessDirectory directory;
  private final String name;
  private final IntSupplier users;
  private final Runnable finish;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("linger").daemon().factory());
  private ScheduledFuture<?> leaving;
  private boolean kept;

  /**
   * Watches a process that has just begun.
   *
   * @param users how many it has now
   * @param finish ends it
   * @param kept whether it stays without users
   */
  public Linger(
      ProcessDirectory directory, String name, IntSupplier users, Runnable finish, boolean kept) {
    this.directory = directory;
    this.name = name;
    this.users = users;
    this.finish = finish;
    this.kept = kept;
  }

  /** Lets the process stay when its last user has gone. */
  public synchronized void keep() {
    kept = true;
    stay();
  }

  public synchronized boolean isKept() {
    return kept;
  }

  /** Looks at the number of users again. */
  public synchronized void usersChanged() {
    stay();
    if (!kept && !timer.isShutdown() && users.getAsInt() == 0) {
      leaving = timer.schedule(this::leave, SECONDS, TimeUnit.SECONDS);
    }
  }

  private void stay() {
    if (leaving != null) {
      leaving.cancel(false);
      leaving = null;
    }
  }

  @Override
  public synchronized void close() {
    timer.shutdownNow();
  }

  /** Nobody can come while the lock is held. */
  private void leave() {
    try (ProcessDirectory.Lock lock = directory.lock(name)) {
      if (users.getAsInt() == 0 && !isKept()) {
        finish.run();
      }
    } catch (IOException e) {
      finish.run();
    }
  }
}
