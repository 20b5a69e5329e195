package dev.ringzero.control.console;

import dev.ringzero.vmm.machine.Console;
import java.util.Arrays;

/**
 * The newest output of a console, for those who join later. Any number of followers read it, each
 * at its own pace; one that is too slow loses bytes, and never holds the guest back.
 */
public final class ConsoleHistory implements Console.Listener {
  private static final int RING_BYTES = 1 << 17;

  private static final int FEW_BYTES = 1 << 12;

  /** As large as what was written needed so far, up to {@link #RING_BYTES}. */
  private byte[] ring = new byte[FEW_BYTES];

  private long writtenBytes;
  private boolean closed;

  @Override
  public synchronized void output(byte[] bytes, int lengthBytes) {
    grow(writtenBytes + lengthBytes);
    int skipped = Math.max(0, lengthBytes - RING_BYTES);
    writtenBytes += skipped;
    int count = lengthBytes - skipped;
    int start = (int) (writtenBytes % ring.length);
    int first = Math.min(count, ring.length - start);
    System.arraycopy(bytes, skipped, ring, start, first);
    System.arraycopy(bytes, skipped + first, ring, 0, count - first);
    writtenBytes += count;
    notifyAll();
  }

  /** Until it has its full size nothing in it was overwritten. */
  private void grow(long neededBytes) {
    int length = ring.length;
    while (length < neededBytes && length < RING_BYTES) {
      length *= 2;
    }
    ring = length == ring.length ? ring : Arrays.copyOf(ring, length);
  }

  /** No more output will come: followers end when they have read the rest. */
  public synchronized void close() {
    closed = true;
    notifyAll();
  }

  /** What is kept of the output so far. */
  public synchronized byte[] kept() {
    byte[] bytes = new byte[(int) Math.min(writtenBytes, RING_BYTES)];
    copy(writtenBytes - bytes.length, bytes, bytes.length);
    return bytes;
  }

  /** Follows the output, from the oldest byte that is kept. */
  public synchronized Follower follow() {
    return new Follower(Math.max(0, writtenBytes - RING_BYTES));
  }

  private void copy(long from, byte[] destination, int count) {
    int start = (int) (from % ring.length);
    int first = Math.min(count, ring.length - start);
    System.arraycopy(ring, start, destination, 0, first);
    System.arraycopy(ring, 0, destination, first, count - first);
  }

  /** One reader of the output. */
  public final class Follower {
    private long positionBytes;

    private Follower(long positionBytes) {
      this.positionBytes = positionBytes;
    }

    /**
     * Waits for output.
     *
     * @return how many bytes came, at least one; -1 at the end
     */
    public int read(byte[] destination) throws InterruptedException {
      synchronized (ConsoleHistory.this) {
        while (positionBytes == writtenBytes && !closed) {
          ConsoleHistory.this.wait();
        }
        positionBytes = Math.max(positionBytes, writtenBytes - RING_BYTES);
        int count = (int) Math.min(destination.length, writtenBytes - positionBytes);
        copy(positionBytes, destination, count);
        positionBytes += count;
        return count == 0 ? -1 : count;
      }
    }
  }
}
