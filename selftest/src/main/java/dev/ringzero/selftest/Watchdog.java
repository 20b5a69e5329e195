package dev.ringzero.selftest;

/** Ends a run of translated code that does not end by itself. */
final class Watchdog implements AutoCloseable {
  private static final long MOST_MILLIS = 10_000;

  private final Subject subject;
  private final Thread thread;
  private volatile long number;
  private volatile boolean running;

  Watchdog(Subject subject) {
    this.subject = subject;
    thread = Thread.ofPlatform().daemon().name("watchdog").start(this::look);
  }

  void watch(Runnable run) {
    number++;
    running = true;
    try {
      run.run();
    } finally {
      running = false;
    }
  }

  private void look() {
    long seen = -1;
    try {
      while (true) {
        Thread.sleep(MOST_MILLIS);
        if (running && number == seen) {
          subject.stop();
        }
        seen = number;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
