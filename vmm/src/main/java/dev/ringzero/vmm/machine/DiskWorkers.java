package dev.ringzero.vmm.machine;

import java.util.ArrayDeque;
import java.util.Deque;

/** Threads that wait for the host's storage in place of agents, so that requests overlap. */
final class DiskWorkers implements AutoCloseable {
  private static final int MOST_THREADS = 8;

  private final String machine;
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int threads;
  private int idle;
  private int running;
  private boolean closed;

  DiskWorkers(String machine) {
    this.machine = machine;
  }

  /** Has something done by one of the threads. */
  synchronized void execute(Runnable work) {
    waiting.add(work);
    if (idle < waiting.size() && threads < MOST_THREADS) {
      Thread.ofPlatform().name(machine + "-disk" + threads++).daemon().start(this::run);
    }
    notifyAll();
  }

  private void run() {
    for (Runnable work = next(); work != null; work = next()) {
      try {
        work.run();
      } finally {
        done();
      }
    }
  }

  private synchronized Runnable next() {
    idle++;
    try {
      while (waiting.isEmpty() && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      return null;
    } finally {
      idle--;
    }
    Runnable work = waiting.poll();
    running += work == null ? 0 : 1;
    return work;
  }

  private synchronized void done() {
    running--;
    notifyAll();
  }

  /** Waits until all that was given is done. */
  synchronized void drain() {
    boolean interrupted = false;
    while (running > 0 || !waiting.isEmpty()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the threads when all that was given is done. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
