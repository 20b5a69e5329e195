package dev.ringzero.testkit;

import dev.ringzero.engine.Clock;
import java.time.Instant;
import java.util.PriorityQueue;

/** A clock that moves when the test says so, and runs alarms in order as it passes them. */
public final class FakeClock implements Clock {
  private static final long TSC_HERTZ = 2_000_000_000;

  private final Instant start;
  private final PriorityQueue<Scheduled> alarms = new PriorityQueue<>();
  private long nanos;
  private long scheduledSoFar;

  private record Scheduled(long deadlineNanos, long order, Runnable action)
      implements Comparable<Scheduled> {
    @Override
    public int compareTo(Scheduled other) {
      int byTime = Long.compare(deadlineNanos, other.deadlineNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  public FakeClock(Instant start) {
    this.start = start;
  }

  public FakeClock() {
    this(Instant.parse("2026-11-23T12:34:56Z"));
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public Instant wallTime() {
    return start.plusNanos(nanos);
  }

  @Override
  public long tsc() {
    return nanos * (TSC_HERTZ / 1_000_000_000);
  }

  @Override
  public long tscHertz() {
    return TSC_HERTZ;
  }

  @Override
  public Alarm schedule(long deadlineNanos, Runnable action) {
    Scheduled alarm = new Scheduled(deadlineNanos, scheduledSoFar++, action);
    alarms.add(alarm);
    return () -> alarms.remove(alarm);
  }

  /** Lets time pass; alarms run when their time comes. */
  public void advance(long byNanos) {
    long target = nanos + byNanos;
    while (!alarms.isEmpty() && alarms.peek().deadlineNanos <= target) {
      Scheduled due = alarms.remove();
      nanos = Math.max(nanos, due.deadlineNanos);
      due.action.run();
    }
    nanos = target;
  }

  /** Alarms that wait. */
  public int waitingAlarms() {
    return alarms.size();
  }
}
