package dev.ringzero.vmm.machine;

import dev.ringzero.devices.igb.Controller;
import dev.ringzero.devices.igb.Totals;
import dev.ringzero.devices.igb.VirtualFunction;
import dev.ringzero.devices.pci.PciDevice;
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
import dev.ringzero.vmm.xen.XenDevices;
import dev.ringzero.vmm.xen.device.PvNetwork;
import java.io.IOException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

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
  private final long firstMac;
  private final int mtu;
  private LongSupplier mac;
  private Supplier<Traffic> traffic;
  private VirtualFunction passedThrough;
  private Supplier<PciDevice.Work> work = () -> PciDevice.Work.NONE;

  NetworkCard(
      CardConfiguration configuration, String machine, String name, Clock clock, Entropy entropy)
      throws IOException {
    this.name = name;
    network = configuration.network();
    firstMac = configuration.mac().orElseGet(() -> MacAddress.of(machine + ":" + name));
    mtu = configuration.mtu().orElse(network.mtu());
    mac = () -> firstMac;
    NetworkAttachment.Card card = new NetworkAttachment.Card(machine, name, firstMac, mtu);
    line = new ImpairedPort(network.open(card, clock, entropy), clock, entropy);
    captured = new CapturedPort(line);
    port = new OffloadPort(captured);
  }

  /** Makes the virtio device, with so many pairs of queues. */
  VirtioNet virtio(int queues) {
    VirtioNet device = new VirtioNet(firstMac, mtu, queues, port);
    mac = device::mac;
    traffic = () -> traffic(device.counters());
    return device;
  }

  /** Makes an Intel 82576 instead. */
  Controller intel(Clock clock) {
    Controller controller =
        new Controller("82576-" + name, firstMac, mtu, port, new OffloadFinisher(), clock);
    mac = controller::mac;
    traffic = () -> traffic(controller.totals());
    return controller;
  }

  /** Says that the card is a function of a device that others share; its port carries nothing. */
  void passThrough(VirtualFunction function) {
    traffic = () -> traffic(function.totals());
    passedThrough = function;
  }

  /** Shows the card to a paravirtual guest instead. */
  void show(XenDevices guest) {
    PvNetwork device = guest.card(firstMac, mtu, port);
    traffic = () -> traffic(device.counters());
  }

  /** Says how much the device in front of the card has to do. */
  void watch(Supplier<PciDevice.Work> device) {
    work = device;
  }

  /** How often the driver rang a doorbell of the card. */
  public long doorbells() {
    return work.get().doorbells();
  }

  /** How often the card's model was called to work on a queue. */
  public long callbacks() {
    return work.get().callbacks();
  }

  /** How many interrupts the card sent. */
  public long interrupts() {
    return work.get().interrupts();
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
    return mac.getAsLong();
  }

  public int mtu() {
    return mtu;
  }

  /** What went through a card, as the guest sees the directions. */
  public record Traffic(
      long framesReceived, long bytesReceived, long framesSent, long bytesSent, long dropped) {}

  public Traffic traffic() {
    return traffic.get();
  }

  private static Traffic traffic(PvNetwork.Counters counters) {
    return new Traffic(
        counters.framesReceived(),
        counters.bytesReceived(),
        counters.framesSent(),
        counters.bytesSent(),
        counters.dropped());
  }

  private static Traffic traffic(Totals totals) {
    return new Traffic(
        totals.framesReceived(),
        totals.bytesReceived(),
        totals.framesSent(),
        totals.bytesSent(),
        totals.dropped());
  }

  private static Traffic traffic(NetCounters counters) {
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
    if (passedThrough != null) {
      passedThrough.disconnect();
    }
    port.close();
  }
}
