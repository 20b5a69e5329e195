package dev.ringzero.control.network;

import dev.ringzero.engine.Clock;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The host's time, for what belongs to no machine and is never paused. */
final class HostTime implements Clock, AutoCloseable {
  private static final long NANOS_A_SECOND = 1_000_000_000L;

  private final long startNanos = System.nanoTime();
  private final ScheduledExecutorService alarms =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("alarms").daemon().factory());

  @Override
  public long nanoTime() {
    return System.nanoTime() - startNanos;
  }

  @Override
  public Instant wallTime() {
    return Instant.now();
  }

  @Override
  public long tsc() {
    return nanoTime();
  }

  @Override
  public long tscHertz() {
    return NANOS_A_SECOND;
  }

  @Override
  public Alarm schedule(long deadlineNanos, Runnable action) {
    long left = Math.max(0, deadlineNanos - nanoTime());
    ScheduledFuture<?> future = alarms.schedule(action, left, TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  @Override
  public void close() {
    alarms.shutdownNow();
  }
}
