package dev.ringzero.network.switching;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.PacketQueue;
import dev.ringzero.network.Port;
import dev.ringzero.network.frame.Ethernet;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A port of a {@link Switch}, with a queue of its own: who is slow loses packets and holds up
 * nobody.
 */
public final class SwitchPort implements Port {
  private static final int QUEUE_PACKETS = 1 << 10;
  private static final int QUEUE_BYTES = 1 << 20;

  /** Floods that this port may still cause in this second; guarded by the switch. */
  long floodsLeft;

  long floodSecond = -1;

  /** How many addresses are known behind this port; guarded by the switch. */
  int addresses;

  private final Switch owner;
  private final String name;
  private final OptionalLong mac;
  private final PacketQueue queue = new PacketQueue(QUEUE_PACKETS, QUEUE_BYTES);
  private final AtomicLong framesIn = new AtomicLong();
  private final AtomicLong bytesIn = new AtomicLong();
  private final AtomicLong framesOut = new AtomicLong();
  private final AtomicLong bytesOut = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private volatile VlanMode mode;
  private volatile boolean kept;

  SwitchPort(Switch owner, String name, VlanMode mode, OptionalLong mac) {
    this.owner = owner;
    this.name = name;
    this.mode = mode;
    this.mac = mac;
  }

  public String name() {
    return name;
  }

  /** The address of the card at this port, if it was told. */
  public OptionalLong mac() {
    return mac;
  }

  /**
   * Keeps the card to its address from now on: it sends from no other, and gets what goes to it and
   * to groups, but nothing that goes to others.
   */
  public SwitchPort keepToAddress() {
    kept = mac.isPresent();
    return this;
  }

  /** Whether a frame from this address may come from here. */
  boolean allowsSource(long address) {
    return !kept || address == mac.getAsLong();
  }

  /** Whether a frame to this address, of which nobody knows where it is, may go there. */
  boolean takes(long address) {
    return !kept || Ethernet.isGroup(address) || address == mac.getAsLong();
  }

  public VlanMode mode() {
    return mode;
  }

  /** Changes what the port does with VLANs, from the next frame on. */
  public void mode(VlanMode now) {
    mode = now;
  }

  /** Frames that came from the card at this port. */
  public long framesIn() {
    return framesIn.get();
  }

  public long bytesIn() {
    return bytesIn.get();
  }

  /** Frames that went into the queue of this port. */
  public long framesOut() {
    return framesOut.get();
  }

  public long bytesOut() {
    return bytesOut.get();
  }

  /** Frames that were malformed, of a wrong VLAN or above the flood limit. */
  public long refusals() {
    return refused.get();
  }

  /** Frames for which the queue had no room. */
  public long drops() {
    return queue.drops();
  }

  @Override
  public void send(Packet packet) {
    framesIn.getAndIncrement();
    bytesIn.getAndAdd(packet.length());
    if (!owner.forward(this, packet)) {
      refused.getAndIncrement();
    }
    packet.release();
  }

  /** Takes a reference to a packet. */
  void deliver(Packet packet) {
    int length = packet.length();
    if (queue.offer(packet)) {
      framesOut.getAndIncrement();
      bytesOut.getAndAdd(length);
    }
  }

  /** What waits for the card, for whoever moves it over a socket. */
  public PacketQueue queue() {
    return queue;
  }

  @Override
  public Packet receive() {
    return queue.poll();
  }

  @Override
  public void onArrival(Runnable listener) {
    queue.onArrival(listener);
  }

  @Override
  public void close() {
    owner.remove(this);
    queue.clear();
  }
}
