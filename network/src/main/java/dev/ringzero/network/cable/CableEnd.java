package dev.ringzero.network.cable;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.PacketQueue;
import dev.ringzero.network.Port;
import java.util.function.Consumer;

/** One end of a cable: packets go into the queue of the other end, on the thread that sends. */
final class CableEnd implements Port {
  private static final int QUEUE_PACKETS = 1 << 10;
  private static final int QUEUE_BYTES = 1 << 20;

  private final String card;
  private final Consumer<CableEnd> unplug;
  private final PacketQueue arrived = new PacketQueue(QUEUE_PACKETS, QUEUE_BYTES);
  private volatile CableEnd other;
  private volatile CarrierListener carrier = up -> {};

  CableEnd(String card, Consumer<CableEnd> unplug) {
    this.card = card;
    this.unplug = unplug;
  }

  String card() {
    return card;
  }

  /** Sets what is at the other end; null for nothing. */
  void join(CableEnd end) {
    other = end;
    carrier.carrier(end != null);
  }

  @Override
  public void send(Packet packet) {
    CableEnd to = other;
    if (to == null) {
      packet.release();
    } else {
      to.arrived.offer(packet);
    }
  }

  @Override
  public Packet receive() {
    return arrived.poll();
  }

  @Override
  public void onArrival(Runnable listener) {
    arrived.onArrival(listener);
  }

  @Override
  public void onCarrier(CarrierListener listener) {
    carrier = listener;
    listener.carrier(other != null);
  }

  @Override
  public void close() {
    carrier = up -> {};
    arrived.onArrival(() -> {});
    unplug.accept(this);
    other = null;
    arrived.clear();
  }
}
