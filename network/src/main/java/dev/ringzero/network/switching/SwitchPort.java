package dev.ringzero.network.switching;

import dev.ringzero.network.FrameQueue;
import dev.ringzero.network.Port;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A port of a {@link Switch}, with a queue of its own: who is slow loses frames and holds up
 * nobody.
 */
public final class SwitchPort implements Port {
  private static final int QUEUE_BYTES = 1 << 18;

  final VlanMode mode;

  /** Frames that this port may still have flooded in this second; guarded by the switch. */
  long floodsLeft;

  long floodSecond = -1;

  private final Switch owner;
  private final String name;
  private final FrameQueue queue = new FrameQueue(QUEUE_BYTES);
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  SwitchPort(Switch owner, String name, VlanMode mode) {
    this.owner = owner;
    this.name = name;
    this.mode = mode;
  }

  public String name() {
    return name;
  }

  /** Frames that came from the card at this port. */
  public long framesIn() {
    return sent.get();
  }

  /** Frames that went into the queue of this port. */
  public long framesOut() {
    return received.get();
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
  public void send(byte[] frame, int offset, int lengthBytes) {
    sent.getAndIncrement();
    if (!owner.forward(this, frame, offset, lengthBytes)) {
      refused.getAndIncrement();
    }
  }

  void deliver(byte[] frame, int offset, int lengthBytes) {
    if (queue.offer(frame, offset, lengthBytes)) {
      received.getAndIncrement();
    }
  }

  @Override
  public int receive(byte[] destination) {
    return queue.poll(destination);
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
