package dev.ringzero.control.server;

import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/** Lines that come while a client listens; those that it does not take in time are counted. */
final class LineStream {
  private static final int QUEUE_LINES = 1 << 14;
  private static final long LOOK_AGAIN_MILLIS = 200;

  private LineStream() {}

  /**
   * Streams until the client goes or the source ends.
   *
   * @param source begins to give lines, and ends when it is closed
   */
  static void to(
      MessageChannel channel,
      BooleanSupplier ended,
      Function<Consumer<String>, AutoCloseable> source)
      throws IOException, InterruptedException {
    BlockingQueue<String> queue = new ArrayBlockingQueue<>(QUEUE_LINES);
    AtomicLong lost = new AtomicLong();
    Thread client = Thread.currentThread();
    channel.whenEnded(client::interrupt);
    AutoCloseable giving =
        source.apply(line -> {
          if (!queue.offer(line)) {
            lost.incrementAndGet();
          }
        });
    try {
      while (!ended.getAsBoolean()) {
        String line = queue.poll(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        long missing = lost.getAndSet(0);
        if (missing > 0) {
          channel.writeLine("(" + missing + " lines lost)");
        }
        if (line != null) {
          channel.writeLine(line);
        }
      }
    } finally {
      close(giving);
    }
  }

  private static void close(AutoCloseable giving) {
    try {
      giving.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
