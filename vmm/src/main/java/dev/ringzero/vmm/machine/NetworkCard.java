package dev.ringzero.vmm.machine;

import dev.ringzero.devices.virtio.net.NetCounters;
import dev.ringzero.devices.virtio.net.VirtioNet;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.network.MacAddress;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.Port;
import dev.ringzero.network.capture.CapturedPort;
import dev.ringzero.network.link.ImpairedPort;
import dev.ringzero.network.link.Impairments;
import dev.ringzero.network.offload.OffloadPort;
import java.io.IOException;

/**
 * A machine's network card with its cable: from the card outwards what others leave unfinished is
 * finished, shown to who captures, and sent over a line that may be bad.
 */
public final class NetworkCard implements AutoCloseable {
  private final String name;
  private final NetworkAttachment network;
  private final ImpairedPort line;
  private final CapturedPort captured;
  private final Port port;
  private final VirtioNet device;

  NetworkCard(
      CardConfiguration configuration,
      String machine,
      String name,
      int queues,
      Clock clock,
      Entropy entropy)
      throws IOException {
    this.name = name;
    network = configuration.network();
    long mac = configuration.mac().orElseGet(() -> MacAddress.of(machine + ":" + name));
    int mtu = configuration.mtu().orElse(network.mtu());
    NetworkAttachment.Card card = new NetworkAttachment.Card(machine, name, mac, mtu);
    line = new ImpairedPort(network.open(card, clock, entropy), clock, entropy);
    captured = new CapturedPort(line);
    port = new OffloadPort(captured);
    device = new VirtioNet(mac, mtu, queues, port);
  }

  VirtioNet device() {
    return device;
  }

  /** Such as eth0. */
  public String name() {
    return name;
  }

  public NetworkAttachment network() {
    return network;
  }

  /** The address that the card has now. */
  public long mac() {
    return device.mac();
  }

  public int mtu() {
    return device.mtu();
  }

  /** What went through a card, as the guest sees the directions. */
  public record Traffic(
      long framesReceived, long bytesReceived, long framesSent, long bytesSent, long dropped) {}

  public Traffic traffic() {
    NetCounters counters = device.counters();
    return new Traffic(
        counters.framesReceived(),
        counters.bytesReceived(),
        counters.framesSent(),
        counters.bytesSent(),
        counters.receiveDrops() + counters.sendDrops());
  }

  /** Whether the card has a network; the guest sees it. */
  public boolean isUp() {
    return line.isUp();
  }

  public Impairments impairments() {
    return line.impairments();
  }

  /** Frames that were lost on the line. */
  public long losses() {
    return line.losses();
  }

  /** Changes what the line does, from the next frame on. */
  public void impair(Impairments how) {
    line.impair(how);
  }

  /** Shows every frame to somebody. */
  public void observe(CapturedPort.Observer observer) {
    captured.observe(observer);
  }

  public void forget(CapturedPort.Observer observer) {
    captured.forget(observer);
  }

  @Override
  public void close() {
    port.close();
  }
}
