package dev.ringzero.network.link;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.PacketQueue;
import dev.ringzero.network.Port;
import dev.ringzero.network.offload.Segmenter;

/**
 * A port at the end of a line that may be slow, lossy or cut, in both directions alike. While the
 * line is good packets pass by as if it were not there. A line that is cut is seen by the card.
 */
public final class ImpairedPort implements Port {
  private static final int QUEUE_PACKETS = 1 << 10;
  private static final int QUEUE_BYTES = 1 << 20;

  private final Port port;
  private final DelayLine outbound;
  private final DelayLine inbound;
  private final PacketQueue arrived = new PacketQueue(QUEUE_PACKETS, QUEUE_BYTES);
  private volatile Impairments impairments = Impairments.NONE;
  private volatile Runnable listener = () -> {};
  private volatile CarrierListener carrier = up -> {};
  private boolean farUp = true;
  private boolean told = true;

  public ImpairedPort(Port port, Clock clock, Entropy entropy) {
    this.port = port;
    outbound = new DelayLine(clock, entropy, port::send);
    inbound = new DelayLine(clock, entropy, arrived::offer);
    port.onArrival(this::arrival);
    port.onCarrier(this::farEnd);
    port.accept(Offloads.ALL);
  }

  /** Changes what the line does, from the next frame on. */
  public void impair(Impairments how) {
    outbound.impair(how);
    inbound.impair(how);
    impairments = how;
    tellCarrier();
    arrival();
  }

  public Impairments impairments() {
    return impairments;
  }

  /** Whether packets may come and go. */
  public synchronized boolean isUp() {
    return farUp && !impairments.down();
  }

  /** Frames that were lost in both directions. */
  public long losses() {
    return outbound.losses() + inbound.losses();
  }

  private boolean isGood() {
    return impairments.equals(Impairments.NONE);
  }

  private void farEnd(boolean up) {
    synchronized (this) {
      farUp = up;
    }
    tellCarrier();
  }

  private void tellCarrier() {
    boolean up;
    synchronized (this) {
      up = isUp();
      if (up == told) {
        return;
      }
      told = up;
    }
    carrier.carrier(up);
  }

  private void arrival() {
    if (!isGood()) {
      drain();
    }
    listener.run();
  }

  private synchronized void drain() {
    for (Packet packet = port.receive(); packet != null; packet = port.receive()) {
      carry(packet, inbound);
    }
  }

  @Override
  public void send(Packet packet) {
    if (isGood() && outbound.isEmpty()) {
      port.send(packet);
    } else {
      carry(packet, outbound);
    }
  }

  /** A bad line carries, and loses, frames as a wire has them. */
  private static void carry(Packet packet, DelayLine line) {
    if (packet.segmentation() == Packet.SEGMENTATION_NONE) {
      line.accept(packet);
    } else {
      Segmenter.cut(packet, line::accept);
    }
  }

  @Override
  public Packet receive() {
    Packet packet = arrived.poll();
    if (packet == null && isGood() && inbound.isEmpty()) {
      return port.receive();
    }
    return packet;
  }

  @Override
  public void onArrival(Runnable who) {
    listener = who;
    arrived.onArrival(who);
    arrival();
  }

  @Override
  public void onCarrier(CarrierListener who) {
    carrier = who;
    who.carrier(isUp());
  }

  @Override
  public void close() {
    port.close();
    arrived.clear();
  }
}
