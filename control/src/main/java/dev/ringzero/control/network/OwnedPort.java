package dev.ringzero.control.network;

import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.Port;

/** A port that somebody is told of when it is unplugged. */
record OwnedPort(Port port, Runnable closed) implements Port {
  @Override
  public void accept(Offloads offloads) {
    port.accept(offloads);
  }

  @Override
  public void send(Packet packet) {
    port.send(packet);
  }

  @Override
  public Packet receive() {
    return port.receive();
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
    closed.run();
  }
}
