package dev.ringzero.devices.virtio.net;

import static dev.ringzero.devices.virtio.net.NetProtocol.*;

import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.devices.virtio.VirtioType;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.engine.wire.Wire;
import java.util.Arrays;

/**
 * A virtio network card: pairs of queues, receive filters, and checksums and segmentation left to
 * the wire in both directions.
 *
 * <p>Not modelled: segmentation of UDP, receive-side scaling and hash reports, notification
 * coalescing, standby.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Network Device"
 */
public final class VirtioNet implements VirtioDevice {
  /** The longest packet that a card may be made for. */
  public static final int MOST_MTU = 65_535;

  public static final int LEAST_MTU = 68;
  public static final int MOST_PAIRS = 8;
  private static final int QUEUE_SIZE = 256;
  private static final int CONTROL_QUEUE_SIZE = 64;
  private static final int MAC_BYTES = 6;
  private static final long RECEIVE_OFFLOADS =
      VIRTIO_NET_F_GUEST_CSUM | VIRTIO_NET_F_GUEST_TSO4 | VIRTIO_NET_F_GUEST_TSO6;
  private static final long HOST_TSO = VIRTIO_NET_F_HOST_TSO4 | VIRTIO_NET_F_HOST_TSO6;

  private final long firstMac;
  private final int mtu;
  private final int mostPairs;
  private final NetCounters counters = new NetCounters();
  private final Wire wire;
  private final Steering steering;
  private final ReceiveFilter filter = new ReceiveFilter();
  private final Receiver[] receivers;
  private final Transmitter[] transmitters;
  private final ControlQueue control = new ControlQueue(this, filter);
  private VirtioTransport transport;
  private volatile long mac;
  private volatile long features;
  private volatile long offloads;
  private volatile boolean linkUp = true;
  private volatile boolean announce;

  /** Whether the driver set the card up before it was saved. */
  private boolean restored;

  /**
   * Makes a card.
   *
   * @param mac as a number of 48 bits
   * @param mtu the longest packet of the network
   * @param pairs of queues
   */
  public VirtioNet(long mac, int mtu, int pairs, Wire wire) {
    if (mtu < LEAST_MTU || mtu > MOST_MTU || pairs < 1 || pairs > MOST_PAIRS) {
      throw new IllegalArgumentException("a card of MTU " + mtu + " with " + pairs + " pairs");
    }
    firstMac = mac;
    this.mac = mac;
    this.mtu = mtu;
    this.wire = wire;
    mostPairs = pairs;
    steering = new Steering(wire, pairs);
    receivers = new Receiver[pairs];
    transmitters = new Transmitter[pairs];
    for (int i = 0; i < pairs; i++) {
      receivers[i] = new Receiver(i, steering, filter, counters);
      transmitters[i] = new Transmitter(i, mtu, wire, steering, counters);
    }
    filter.reset(mac, false);
  }

  public NetCounters counters() {
    return counters;
  }

  /** The address that the card has now. */
  public long mac() {
    return mac;
  }

  public int mtu() {
    return mtu;
  }

  public boolean linkUp() {
    return linkUp;
  }

  /** Plugs the cable in or pulls it; the driver is told. */
  public void linkUp(boolean up) {
    if (linkUp != up) {
      linkUp = up;
      announce = up && (features & VIRTIO_NET_F_GUEST_ANNOUNCE) != 0;
      transport.configChanged();
    }
  }

  @Override
  public VirtioType type() {
    return VirtioType.NETWORK;
  }

  @Override
  public long features() {
    return VIRTIO_NET_F_CSUM
        | RECEIVE_OFFLOADS
        | HOST_TSO
        | VIRTIO_NET_F_CTRL_GUEST_OFFLOADS
        | VIRTIO_NET_F_MTU
        | VIRTIO_NET_F_MAC
        | VIRTIO_NET_F_MRG_RXBUF
        | VIRTIO_NET_F_STATUS
        | VIRTIO_NET_F_CTRL_VQ
        | VIRTIO_NET_F_CTRL_RX
        | VIRTIO_NET_F_CTRL_VLAN
        | VIRTIO_NET_F_CTRL_RX_EXTRA
        | VIRTIO_NET_F_GUEST_ANNOUNCE
        | VIRTIO_NET_F_CTRL_MAC_ADDR
        | (mostPairs > 1 ? VIRTIO_NET_F_MQ : 0);
  }

  @Override
  public int[] queueSizes() {
    int[] sizes = new int[2 * mostPairs + 1];
    Arrays.fill(sizes, QUEUE_SIZE);
    sizes[2 * mostPairs] = CONTROL_QUEUE_SIZE;
    return sizes;
  }

  @Override
  public void connect(VirtioTransport to) {
    transport = to;
    for (int i = 0; i < mostPairs; i++) {
      receivers[i].connect(to.memory());
      transmitters[i].connect(to.memory());
    }
    control.connect(to.memory());
    steering.connect(pair -> to.wake(2 * pair));
    wire.onCarrier(this::linkUp);
    wire.onArrival(() -> to.wake(0));
  }

  @Override
  public void activate(long negotiated) {
    if (restored) {
      restored = false;
      return;
    }
    features = negotiated;
    filter.reset(mac, (negotiated & VIRTIO_NET_F_CTRL_VLAN) != 0);
    takeOffloads(negotiated & RECEIVE_OFFLOADS);
  }

  private void takeOffloads(long bits) {
    offloads = bits;
    boolean checksum = (bits & VIRTIO_NET_F_GUEST_CSUM) != 0;
    wire.accept(
        new Offloads(
            checksum,
            checksum && (bits & VIRTIO_NET_F_GUEST_TSO4) != 0,
            checksum && (bits & VIRTIO_NET_F_GUEST_TSO6) != 0));
  }

  @Override
  public void reset() {
    for (Receiver receiver : receivers) {
      receiver.reset();
    }
    steering.reset();
    mac = firstMac;
    features = 0;
    restored = false;
    announce = false;
    filter.reset(mac, false);
    takeOffloads(0);
  }

  @Override
  public boolean process(int index, Virtqueue queue) {
    boolean multiqueue = (features & VIRTIO_NET_F_MQ) != 0;
    boolean more;
    if (index == (multiqueue ? 2 * mostPairs : 2)) {
      more = control.step(queue);
    } else if (index >= 2 * mostPairs) {
      return false;
    } else if (index % 2 == 0) {
      more = receivers[index / 2].step(queue, (features & VIRTIO_NET_F_MRG_RXBUF) != 0);
    } else {
      boolean checksums = (features & VIRTIO_NET_F_CSUM) != 0;
      more = transmitters[index / 2].step(queue, checksums, (features & HOST_TSO) != 0);
    }
    if (queue.isSignalDue()) {
      transport.signal(index);
    }
    return more;
  }

  // What the control queue asks for.

  /** The driver told the network where it is. */
  boolean announced() {
    announce = false;
    return (features & VIRTIO_NET_F_GUEST_ANNOUNCE) != 0;
  }

  boolean pairs(int count) {
    if ((features & VIRTIO_NET_F_MQ) == 0 || count < 1 || count > mostPairs) {
      return false;
    }
    steering.pairs(count);
    return true;
  }

  boolean offloads(long bits) {
    if ((bits & ~(features & RECEIVE_OFFLOADS)) != 0) {
      return false;
    }
    takeOffloads(bits);
    return true;
  }

  void address(long address) {
    mac = address;
    filter.mac(address);
  }

  @Override
  public int configBytes() {
    return CONFIG_BYTES;
  }

  @Override
  public long readConfig(int offset, int sizeBytes) {
    long value = 0;
    for (int i = sizeBytes - 1; i >= 0; i--) {
      value = value << 8 | configByte(offset + i);
    }
    return value;
  }

  private long configByte(int at) {
    if (at < MAC + MAC_BYTES) {
      return mac >>> 8 * (MAC + MAC_BYTES - 1 - at) & 0xFF;
    }
    return switch (at) {
      case STATUS -> (linkUp ? VIRTIO_NET_S_LINK_UP : 0) | (announce ? VIRTIO_NET_S_ANNOUNCE : 0);
      case MAX_VIRTQUEUE_PAIRS -> mostPairs;
      case MTU -> mtu & 0xFF;
      case MTU + 1 -> mtu >>> 8;
      default -> 0;
    };
  }

  @Override
  public void save(StateWriter out) {
    out.writeLong(mac);
    out.writeLong(features);
    out.writeLong(offloads);
    out.writeInt(steering.pairs());
    out.writeBoolean(announce);
    filter.save(out);
  }

  @Override
  public void restore(StateReader in) {
    mac = in.readLong();
    features = in.readLong();
    takeOffloads(in.readLong() & RECEIVE_OFFLOADS);
    steering.pairs(Math.clamp(in.readInt(), 1, mostPairs));
    announce = in.readBoolean();
    filter.restore(in);
    restored = features != 0;
  }
}
