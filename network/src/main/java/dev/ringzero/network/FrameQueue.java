package dev.ringzero.network;

import dev.ringzero.network.frame.BigEndian;

/** A bounded queue of frames in one array. Any thread may call. */
public final class FrameQueue {
  private static final int LENGTH_BYTES = 4;
  private static final Runnable NOBODY = () -> {};

  private final byte[] ring;
  private final int mask;
  private final byte[] prefix = new byte[LENGTH_BYTES];
  private int head;
  private int used;
  private long drops;
  private volatile Runnable listener = NOBODY;

  /**
   * Makes a queue.
   *
   * @param capacityBytes a power of two
   */
  public FrameQueue(int capacityBytes) {
    if (Integer.bitCount(capacityBytes) != 1 || capacityBytes < 2 * Port.MOST_FRAME_BYTES) {
      throw new IllegalArgumentException("a frame queue of " + capacityBytes + " bytes");
    }
    ring = new byte[capacityBytes];
    mask = capacityBytes - 1;
  }

  /** Sets who is told when a frame comes into the empty queue. */
  public void onArrival(Runnable who) {
    listener = who;
    if (!isEmpty()) {
      who.run();
    }
  }

  /** Adds a frame; false, and counted, if it is no frame or there is no room. */
  public boolean offer(byte[] frame, int offset, int lengthBytes) {
    boolean first;
    synchronized (this) {
      if (lengthBytes <= 0 || lengthBytes > Port.MOST_FRAME_BYTES || !hasRoom(lengthBytes)) {
        drops++;
        return false;
      }
      first = used == 0;
      BigEndian.put32(prefix, 0, lengthBytes);
      append(prefix, 0, LENGTH_BYTES);
      append(frame, offset, lengthBytes);
    }
    if (first) {
      listener.run();
    }
    return true;
  }

  /** Takes a frame; 0 if there is none. */
  public synchronized int poll(byte[] destination) {
    if (used == 0) {
      return 0;
    }
    remove(prefix, LENGTH_BYTES);
    int length = BigEndian.get32(prefix, 0);
    remove(destination, length);
    return length;
  }

  /** Whether a frame of that length would be taken now. */
  public synchronized boolean hasRoom(int lengthBytes) {
    return used + LENGTH_BYTES + lengthBytes <= ring.length;
  }

  public synchronized boolean isEmpty() {
    return used == 0;
  }

  /** Frames that were not taken. */
  public synchronized long drops() {
    return drops;
  }

  /** Forgets all frames. */
  public synchronized void clear() {
    used = 0;
  }

  private void append(byte[] bytes, int offset, int length) {
    int at = head + used & mask;
    int first = Math.min(length, ring.length - at);
    System.arraycopy(bytes, offset, ring, at, first);
    System.arraycopy(bytes, offset + first, ring, 0, length - first);
    used += length;
  }

  private void remove(byte[] bytes, int length) {
    int first = Math.min(length, ring.length - head);
    System.arraycopy(ring, head, bytes, 0, first);
    System.arraycopy(ring, 0, bytes, first, length - first);
    head = head + length & mask;
    used -= length;
  }
}
