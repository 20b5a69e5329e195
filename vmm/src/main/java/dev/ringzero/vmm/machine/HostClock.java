package dev.ringzero.vmm.machine;

import dev.ringzero.engine.Clock;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A machine's clock that follows the host's, and stands still while the machine is paused. Its
 * time-stamp counter ticks at a rate of the machine's choice.
 */
final class HostClock implements Clock, AutoCloseable {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** The alarms of all machines of this JVM. */
  private static final ScheduledThreadPoolExecutor ALARMS = newAlarms();

  private final long tscHertz;
  private final Set<HostAlarm> waiting = ConcurrentHashMap.newKeySet();
  private final Object pausing = new Object();

  /** Held while an alarm of this clock rings. */
  private final Object ringing = new Object();

  /** Host time minus machine time, in nanoseconds; changes only when a pause ends. */
  private volatile long offsetNanos = System.nanoTime();

  /** Host time at which the pause began, or 0 while the clock runs. */
  private volatile long pausedAtNanos;

  private volatile boolean closed;

  HostClock(long tscHertz) {
    this.tscHertz = tscHertz;
  }

  private static ScheduledThreadPoolExecutor newAlarms() {
    ScheduledThreadPoolExecutor alarms =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name("timers").daemon().factory());
    alarms.setRemoveOnCancelPolicy(true);
    return alarms;
  }

  @Override
  public long nanoTime() {
    long paused = pausedAtNanos;
    return (paused != 0 ? paused : System.nanoTime()) - offsetNanos;
  }

  @Override
  public Instant wallTime() {
    return Instant.now();
  }

  @Override
  public long tsc() {
    long nanos = nanoTime();
    return nanos / NANOS_PER_SECOND * tscHertz
        + nanos % NANOS_PER_SECOND * tscHertz / NANOS_PER_SECOND;
  }

  @Override
  public long tscHertz() {
    return tscHertz;
  }

  @Override
  public Alarm schedule(long deadlineNanos, Runnable action) {
    return new HostAlarm(deadlineNanos, action);
  }

  /** Stops the clock; returns when no alarm rings any more. */
  void pause() {
    synchronized (pausing) {
      if (pausedAtNanos == 0) {
        pausedAtNanos = System.nanoTime();
      }
    }
    synchronized (ringing) {
      // An alarm that rang when the clock stopped has done what it does.
    }
  }

  void resume() {
    synchronized (pausing) {
      if (pausedAtNanos != 0) {
        offsetNanos += System.nanoTime() - pausedAtNanos;
        pausedAtNanos = 0;
      }
    }
  }

  /** Sets the time of a clock that is paused. */
  void restore(long nanos) {
    synchronized (pausing) {
      offsetNanos = pausedAtNanos - nanos;
    }
  }

  /** No alarm rings any more, but one that does so now. */
  @Override
  public void close() {
    closed = true;
    waiting.forEach(HostAlarm::cancel);
  }

  /** An alarm that waits again when a pause has moved its deadline. */
  private final class HostAlarm implements Alarm, Runnable {
    private static final long PAUSED_RETRY_NANOS = 1_000_000;

    private final long deadlineNanos;
    private final Runnable action;
    private volatile boolean cancelled;
    private volatile ScheduledFuture<?> ring;

    HostAlarm(long deadlineNanos, Runnable action) {
      this.deadlineNanos = deadlineNanos;
      this.action = action;
      waiting.add(this);
      await(deadlineNanos - nanoTime());
      if (closed) {
        cancel();
      }
    }

    private void await(long nanos) {
      ring = ALARMS.schedule(this, Math.max(nanos, 0), TimeUnit.NANOSECONDS);
      if (cancelled) {
        ring.cancel(false);
      }
    }

    @Override
    public void run() {
      synchronized (ringing) {
        boolean paused = pausedAtNanos != 0;
        long left = deadlineNanos - nanoTime();
        if (cancelled) {
          return;
        }
        if (left > 0 || paused) {
          await(Math.max(left, paused ? PAUSED_RETRY_NANOS : 0));
          return;
        }
        waiting.remove(this);
        action.run();
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      waiting.remove(this);
      ScheduledFuture<?> future = ring;
      if (future != null) {
        future.cancel(false);
      }
    }
  }
}
