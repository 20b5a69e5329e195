package dev.ringzero.vmm.machine;

import dev.ringzero.devices.virtio.net.FrameWire;
import dev.ringzero.network.Port;

/** A port of a network as a network card sees it. */
record PortWire(Port port) implements FrameWire {
  @Override
  public void send(byte[] frame, int offset, int lengthBytes) {
    port.send(frame, offset, lengthBytes);
  }

  @Override
  public int receive(byte[] destination) {
    return port.receive(destination);
  }

  @Override
  public void onArrival(Runnable listener) {
    port.onArrival(listener);
  }
}
