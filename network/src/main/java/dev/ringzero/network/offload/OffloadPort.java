package dev.ringzero.network.offload;

import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.Port;
import java.util.ArrayDeque;
import java.util.Deque;

/** Stands before a card, and finishes what the card does not take unfinished. */
public final class OffloadPort implements Port {
  private final Port port;
  private final Deque<Packet> pieces = new ArrayDeque<>();
  private volatile Offloads offloads = Offloads.NONE;

  public OffloadPort(Port port) {
    this.port = port;
    port.accept(Offloads.ALL);
  }

  @Override
  public void accept(Offloads taken) {
    offloads = taken;
  }

  /** A packet whose header fits its frame goes on; another one is dropped. */
  @Override
  public void send(Packet packet) {
    if (PacketHeader.isSound(packet)) {
      port.send(packet);
    } else {
      packet.release();
    }
  }

  @Override
  public Packet receive() {
    synchronized (pieces) {
      Packet piece = pieces.poll();
      if (piece != null) {
        return piece;
      }
    }
    Packet packet = port.receive();
    return packet == null || offloads.take(packet) ? packet : finish(packet);
  }

  private Packet finish(Packet packet) {
    if (packet.segmentation() != Packet.SEGMENTATION_NONE) {
      synchronized (pieces) {
        Segmenter.cut(packet, pieces::add);
        return pieces.poll();
      }
    }
    Packet mine = packet;
    if (!packet.isMine()) {
      mine = packet.copy();
      packet.release();
    }
    Checksums.finish(mine);
    return mine;
  }

  @Override
  public void onArrival(Runnable listener) {
    port.onArrival(listener);
  }

  @Override
  public void onCarrier(CarrierListener listener) {
    port.onCarrier(listener);
  }

  @Override
  public void close() {
    port.close();
    synchronized (pieces) {
      pieces.forEach(Packet::release);
      pieces.clear();
    }
  }
}
