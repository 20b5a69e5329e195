package dev.ringzero.network.capture;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.capture.PcapngWriter.Direction;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A capture that is written by one thread and fed by others, which never wait: frames for which
 * there is no room are counted.
 */
public final class CaptureStream implements AutoCloseable {
  private static final int MOST_WAITING = 4096;
  private static final long NANOS_A_SECOND = 1_000_000_000L;

  /** A frame with its time, or the end. */
  private record Seen(Direction direction, long nanos, Packet packet) {}

  private static final Seen END = new Seen(null, 0, null);

  private final BlockingQueue<Seen> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final AtomicLong lost = new AtomicLong();
  private final PcapngWriter writer;
  private volatile boolean closed;

  public CaptureStream(OutputStream out, String interfaceName) throws IOException {
    writer = new PcapngWriter(out, interfaceName);
  }

  /** Adds a frame, which stays the caller's. */
  public void add(Direction direction, Packet packet) {
    Instant now = Instant.now();
    long nanos = now.getEpochSecond() * NANOS_A_SECOND + now.getNano();
    if (closed || !waiting.offer(new Seen(direction, nanos, packet.retain()))) {
      lost.getAndIncrement();
      packet.release();
    }
  }

  /** Frames that are not in the capture. */
  public long lost() {
    return lost.get();
  }

  /** Writes until it is closed, or cannot. */
  public void run() throws IOException, InterruptedException {
    try {
      for (Seen seen = waiting.take(); seen != END; seen = waiting.take()) {
        try {
          writer.write(seen.direction, seen.nanos, seen.packet);
        } finally {
          seen.packet.release();
        }
        if (waiting.isEmpty()) {
          writer.flush();
        }
      }
    } finally {
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    waiting.clear();
    waiting.offer(END);
  }
}
