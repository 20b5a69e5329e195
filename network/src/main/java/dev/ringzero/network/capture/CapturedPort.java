package dev.ringzero.network.capture;

import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.Port;
import dev.ringzero.network.capture.PcapngWriter.Direction;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A port whose frames are shown to whoever captures. */
public final class CapturedPort implements Port {
  /** Sees a frame. The packet is only lent. */
  @FunctionalInterface
  public interface Observer {
    void saw(Direction direction, Packet packet);
  }

  private final Port port;
  private final List<Observer> observers = new CopyOnWriteArrayList<>();

  public CapturedPort(Port port) {
    this.port = port;
  }

  /** Begins to show frames; the directions are the network card's. */
  public void observe(Observer observer) {
    observers.add(observer);
  }

  public void forget(Observer observer) {
    observers.remove(observer);
  }

  @Override
  public void send(Packet packet) {
    show(Direction.OUTBOUND, packet);
    port.send(packet);
  }

  @Override
  public Packet receive() {
    Packet packet = port.receive();
    if (packet != null) {
      show(Direction.INBOUND, packet);
    }
    return packet;
  }

  private void show(Direction direction, Packet packet) {
    for (Observer observer : observers) {
      observer.saw(direction, packet);
    }
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
  public void accept(Offloads offloads) {
    port.accept(offloads);
  }

  @Override
  public void close() {
    port.close();
  }
}
