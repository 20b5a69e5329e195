package dev.ringzero.network.link;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.PacketQueue;
import dev.ringzero.network.frame.BigEndian;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One direction of a line. Frames that wait for it or are on their way are bounded; more are lost.
 */
final class DelayLine {
  private static final int QUEUE_BYTES = 1 << 22;
  private static final int MOST_FRAMES = 1 << 13;
  private static final long MOST_QUEUED_NANOS = 250_000_000L;
  private static final long NANOS_A_SECOND = 1_000_000_000L;

  /** Who gets packets at the end of the line. */
  @FunctionalInterface
  interface Sink {
    void take(Packet packet);
  }

  private final Clock clock;
  private final Entropy entropy;
  private final Sink sink;
  private final PacketQueue frames = new PacketQueue(MOST_FRAMES, QUEUE_BYTES);
  private final long[] dueNanos = new long[MOST_FRAMES];
  private final byte[] random = new byte[4];
  private final AtomicLong losses = new AtomicLong();
  private Impairments impairments = Impairments.NONE;
  private int first;
  private int count;
  private long freeNanos;
  private long lastDueNanos;

  DelayLine(Clock clock, Entropy entropy, Sink sink) {
    this.clock = clock;
    this.entropy = entropy;
    this.sink = sink;
  }

  synchronized void impair(Impairments how) {
    impairments = how;
  }

  /** Frames that were lost on the way. */
  long losses() {
    return losses.get();
  }

  /** Takes a packet, and with it the caller's reference. */
  synchronized void accept(Packet packet) {
    if (impairments.down() || count == MOST_FRAMES || share() < impairments.loss()) {
      losses.getAndIncrement();
      packet.release();
      return;
    }
    long now = clock.nanoTime();
    if (freeNanos - now > MOST_QUEUED_NANOS) {
      losses.getAndIncrement();
      packet.release();
      return;
    }
    long due = due(now, packet.length());
    if (due <= now && count == 0) {
      sink.take(packet);
      return;
    }
    if (!frames.offer(packet)) {
      losses.getAndIncrement();
      return;
    }
    lastDueNanos = due;
    dueNanos[(first + count++) % MOST_FRAMES] = due;
    if (count == 1) {
      clock.schedule(due, this::deliver);
    }
  }

  /** Whether packets are on their way. */
  synchronized boolean isEmpty() {
    return count == 0;
  }

  private long due(long now, int lengthBytes) {
    long rate = impairments.bitsPerSecond();
    long sending = rate == 0 ? 0 : 8L * lengthBytes * NANOS_A_SECOND / rate;
    freeNanos = Math.max(now, freeNanos) + sending;
    long jitter = (long) (share() * impairments.jitterNanos());
    return Math.max(lastDueNanos, freeNanos + impairments.delayNanos() + jitter);
  }

  private double share() {
    if (impairments.loss() == 0 && impairments.jitterNanos() == 0) {
      return 0.5;
    }
    entropy.fill(random);
    return (BigEndian.get32(random, 0) & 0xFFFF_FFFFL) / (double) (1L << 32);
  }

  private synchronized void deliver() {
    long now = clock.nanoTime();
    while (count > 0 && dueNanos[first] <= now) {
      first = (first + 1) % MOST_FRAMES;
      count--;
      sink.take(frames.poll());
    }
    if (count > 0) {
      clock.schedule(dueNanos[first], this::deliver);
    }
  }
}
