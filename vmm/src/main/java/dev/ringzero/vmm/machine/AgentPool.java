package dev.ringzero.vmm.machine;

import dev.ringzero.engine.Agent;
import dev.ringzero.engine.AgentRunner;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The threads that step a machine's agents. An agent that was woken waits for a thread in a queue,
 * and goes to its end again while it has more to do, so that none starves another. Threads come
 * with the work and go when there was none for a while. While the pool is held, as it is at first,
 * no agent steps.
 */
final class AgentPool implements AgentRunner, AutoCloseable {
  /** How long a thread waits for work before it goes. */
  private static final long REST_NANOS = 1_000_000_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition idle = lock.newCondition();
  private final Deque<Entry> ready = new ArrayDeque<>();
  private final String name;
  private final int mostThreads;
  private final Consumer<Throwable> failures;
  private int agents;
  private int threads;

  /** Threads that wait for work, or were told of some and have not begun. */
  private int waiting;

  private int stepping;
  private boolean held = true;
  private boolean closed;

  /**
   * Makes a pool without threads.
   *
   * @param failures learns of an agent that failed; it is not stepped again
   */
  AgentPool(String name, int mostThreads, Consumer<Throwable> failures) {
    this.name = name;
    this.mostThreads = mostThreads;
    this.failures = failures;
  }

  @Override
  public Waker add(String agentName, Agent agent) {
    lock.lock();
    try {
      agents++;
    } finally {
      lock.unlock();
    }
    return new Entry(agent);
  }

  /** Called with the lock: sees to it that as many threads as are needed look for work. */
  private void call() {
    work.signal();
    if (!held && ready.size() > waiting && threads < Math.min(agents, mostThreads)) {
      Thread.ofPlatform().name(name + "-agent" + threads).daemon().start(this::run);
      threads++;
      waiting++;
    }
  }

  /** How many threads there are. */
  int threads() {
    lock.lock();
    try {
      return threads;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until no agent steps, and lets none step from then on. Not for an agent's own thread. */
  void hold() {
    lock.lock();
    try {
      held = true;
      while (stepping > 0) {
        idle.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Undoes {@link #hold()}. */
  void release() {
    lock.lock();
    try {
      held = false;
      ready.forEach(entry -> call());
    } finally {
      lock.unlock();
    }
  }

  /** Ends the threads when the agents' present steps end, and waits for that. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
      while (stepping > 0) {
        idle.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    lock.lock();
    try {
      while (awaitWork()) {
        waiting--;
        step(ready.poll());
        waiting++;
      }
      waiting--;
      threads--;
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock; false if the thread is not needed any more. */
  private boolean awaitWork() {
    long left = REST_NANOS;
    while (!closed && (held || ready.isEmpty())) {
      if (left <= 0) {
        return false;
      }
      try {
        left = work.awaitNanos(left);
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts these threads", e);
      }
    }
    return !closed;
  }

  /** Called with the lock, which is free during the step. */
  private void step(Entry entry) {
    entry.woken = false;
    entry.running = true;
    stepping++;
    lock.unlock();
    boolean more = false;
    boolean failed = true;
    try {
      more = entry.agent.step();
      failed = false;
    } catch (RuntimeException | Error e) {
      failures.accept(e);
    } finally {
      lock.lock();
      stepping--;
      entry.running = false;
      entry.woken |= more;
      if (entry.woken && !failed) {
        ready.add(entry);
      }
      if (stepping == 0) {
        idle.signalAll();
      }
    }
  }

  private final class Entry implements Waker {
    private final Agent agent;
    private boolean woken;
    private boolean running;

    private Entry(Agent agent) {
      this.agent = agent;
    }

    @Override
    public void wake() {
      lock.lock();
      try {
        if (!woken) {
          woken = true;
          if (!running) {
            ready.add(this);
            call();
          }
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
