package dev.ringzero.network;

import dev.ringzero.engine.wire.Packet;

/** A bounded queue of packets. Any thread may call; nobody waits. */
public final class PacketQueue {
  private static final Runnable NOBODY = () -> {};

  private final Packet[] ring;
  private final int mostBytes;
  private int head;
  private int count;
  private int bytes;
  private long drops;
  private volatile Runnable listener = NOBODY;

  /**
   * Makes a queue.
   *
   * @param mostPackets a power of two
   * @param mostBytes of all frames together
   */
  public PacketQueue(int mostPackets, int mostBytes) {
    if (Integer.bitCount(mostPackets) != 1 || mostBytes < Packet.MOST_FRAME_BYTES) {
      throw new IllegalArgumentException(
          "a queue of " + mostPackets + " packets, " + mostBytes + " bytes");
    }
    ring = new Packet[mostPackets];
    this.mostBytes = mostBytes;
  }

  /** Sets who is told when a packet comes into the empty queue. */
  public void onArrival(Runnable who) {
    listener = who;
    if (!isEmpty()) {
      who.run();
    }
  }

  /** Adds a packet, and with it the caller's reference; false, and counted, if there is no room. */
  public boolean offer(Packet packet) {
    boolean added;
    boolean first;
    synchronized (this) {
      added = count < ring.length && bytes + packet.length() <= mostBytes;
      first = count == 0;
      if (added) {
        ring[head + count++ & ring.length - 1] = packet;
        bytes += packet.length();
      } else {
        drops++;
      }
    }
    if (!added) {
      packet.release();
    } else if (first) {
      listener.run();
    }
    return added;
  }

  /** Takes a packet, for the caller to release; null if there is none. */
  public synchronized Packet poll() {
    if (count == 0) {
      return null;
    }
    Packet packet = ring[head];
    ring[head] = null;
    head = head + 1 & ring.length - 1;
    count--;
    bytes -= packet.length();
    return packet;
  }

  /** Whether so many packets of that length would be taken now. */
  public synchronized boolean hasRoom(int packets, int lengthBytes) {
    return count + packets <= ring.length && bytes + packets * lengthBytes <= mostBytes;
  }

  public synchronized boolean isEmpty() {
    return count == 0;
  }

  /** Packets that were not taken. */
  public synchronized long drops() {
    return drops;
  }

  /** Forgets all packets. */
  public void clear() {
    for (Packet packet = poll(); packet != null; packet = poll()) {
      packet.release();
    }
  }
}
