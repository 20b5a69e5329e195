package dev.ringzero.vmm.vsock;

import dev.ringzero.devices.virtio.vsock.VsockStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Moves bytes between a stream of the guest's and a socket, on a thread for each direction. */
final class StreamPump {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int DIRECTIONS = 2;

  private final VsockStream stream;
  private final SocketChannel channel;
  private final Consumer<SocketChannel> close;
  private final Semaphore fromGuest = new Semaphore(0);
  private final Semaphore toGuest = new Semaphore(0);
  private final AtomicInteger ended = new AtomicInteger();

  StreamPump(VsockStream stream, SocketChannel channel, Consumer<SocketChannel> close) {
    this.stream = stream;
    this.channel = channel;
    this.close = close;
    stream.onChange(this::changed);
  }

  private void changed() {
    signal(fromGuest);
    signal(toGuest);
  }

  private static void signal(Semaphore waiting) {
    if (waiting.availablePermits() == 0) {
      waiting.release();
    }
  }

  /** Waits until the guest accepted or refused. */
  void awaitAnswer() throws InterruptedException {
    while (!stream.isAnswered()) {
      toGuest.acquire();
    }
  }

  void start() {
    Thread.ofVirtual().name("vsock-out").start(() -> run(this::moveFromGuest));
    Thread.ofVirtual().name("vsock-in").start(() -> run(this::moveToGuest));
  }

  private interface Direction {
    void move() throws IOException, InterruptedException;
  }

  private void run(Direction direction) {
    try {
      direction.move();
    } catch (IOException e) {
      // The program of the host went away.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (ended.incrementAndGet() == DIRECTIONS || stream.isClosed()) {
      close.accept(channel);
    }
  }

  private void moveFromGuest() throws IOException, InterruptedException {
    byte[] bytes = new byte[BUFFER_BYTES];
    try {
      for (int count = stream.read(bytes, 0, bytes.length);
          count >= 0;
          count = stream.read(bytes, 0, bytes.length)) {
        if (count == 0) {
          fromGuest.acquire();
        } else {
          writeAll(ByteBuffer.wrap(bytes, 0, count));
        }
      }
      channel.shutdownOutput();
    } finally {
      stream.endReceiving();
    }
  }

  private void writeAll(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private void moveToGuest() throws IOException, InterruptedException {
    ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
    try {
      while (channel.read(bytes) >= 0 && give(bytes.flip())) {
        bytes.clear();
      }
    } finally {
      stream.endSending();
    }
  }

  /** Gives all bytes to the guest; false if it wants no more. */
  private boolean give(ByteBuffer bytes) throws InterruptedException {
    while (bytes.hasRemaining()) {
      int count = stream.write(bytes.array(), bytes.position(), bytes.remaining());
      if (count < 0) {
        return false;
      }
      if (count == 0) {
        toGuest.acquire();
      }
      bytes.position(bytes.position() + count);
    }
    return true;
  }
}
