package dev.ringzero.vmm.vsock;

import dev.ringzero.devices.virtio.vsock.VsockStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A stream of a guest as programs of the host read and write it, who wait. */
public final class GuestSocket implements AutoCloseable {
  private final VsockStream stream;
  private final Semaphore readable = new Semaphore(0);
  private final Semaphore writable = new Semaphore(0);

  public GuestSocket(VsockStream stream) {
    this.stream = stream;
    stream.onChange(this::changed);
  }

  private void changed() {
    signal(readable);
    signal(writable);
  }

  private static void signal(Semaphore waiting) {
    if (waiting.availablePermits() == 0) {
      waiting.release();
    }
  }

  /** Waits until the guest accepted, and says whether it did. */
  public boolean awaitAccepted(Duration limit) throws InterruptedException {
    long until = System.nanoTime() + limit.toNanos();
    while (!stream.isAnswered()) {
      if (!writable.tryAcquire(until - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    return !stream.isClosed();
  }

  /** What the guest sends; its end is the guest's, or that of the stream. */
  public InputStream input() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] bytes, int offset, int lengthBytes) throws IOException {
        int count = stream.read(bytes, offset, lengthBytes);
        while (count == 0 && lengthBytes > 0) {
          await(readable);
          count = stream.read(bytes, offset, lengthBytes);
        }
        return count;
      }
    };
  }

  /** What goes to the guest. */
  public OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int lengthBytes) throws IOException {
        for (int sent = 0; sent < lengthBytes; ) {
          int count = stream.write(bytes, offset + sent, lengthBytes - sent);
          if (count < 0) {
            throw new IOException("the guest reads no more");
          }
          if (count == 0) {
            await(writable);
          }
          sent += count;
        }
      }
    };
  }

  private static void await(Semaphore changed) throws IOException {
    try {
      changed.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Ends both directions at once. */
  @Override
  public void close() {
    stream.reset();
    changed();
  }
}
