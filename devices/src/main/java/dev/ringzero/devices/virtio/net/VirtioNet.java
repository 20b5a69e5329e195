package dev.ringzero.devices.virtio.net;

import static dev.ringzero.devices.virtio.net.NetProtocol.*;

import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.devices.virtio.VirtioType;
import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.devices.virtio.queue.Virtqueue;

/**
 * A virtio network card with one pair of queues and a control queue. It completes the checksums of
 * what the guest sends.
 *
 * <p>Not modelled: segmentation offloads, checksum offload of what the guest receives, several
 * pairs of queues, receive filtering (every frame of the wire is delivered).
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Network Device"
 */
public final class VirtioNet implements VirtioDevice {
  /** The longest frame, as long as the largest MTU with Ethernet's header and a VLAN tag. */
  public static final int MOST_FRAME_BYTES = 9018;

  private static final int RECEIVE = 0;
  private static final int TRANSMIT = 1;
  private static final int CONTROL = 2;
  private static final int QUEUE_SIZE = 256;
  private static final int CONTROL_QUEUE_SIZE = 64;
  private static final int COMMANDS_A_STEP = 16;
  private static final int MAC_BYTES = 6;

  private final long mac;
  private final int mtu;
  private final NetCounters counters = new NetCounters();
  private final FrameWire wire;
  private final Receiver receiver;
  private final Transmitter transmitter;
  private VirtioTransport transport;
  private DescriptorChain command;
  private volatile boolean mergeable;
  private volatile boolean linkUp = true;

  /**
   * Makes a card.
   *
   * @param mac as a number of 48 bits
   * @param mtu the longest packet of the network
   */
  public VirtioNet(long mac, int mtu, FrameWire wire) {
    this.mac = mac;
    this.mtu = mtu;
    this.wire = wire;
    receiver = new Receiver(wire, counters);
    transmitter = new Transmitter(wire, counters);
  }

  public NetCounters counters() {
    return counters;
  }

  /** Plugs the cable in or pulls it; the driver is told. */
  public void linkUp(boolean up) {
    if (linkUp != up) {
      linkUp = up;
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
        | VIRTIO_NET_F_MTU
        | VIRTIO_NET_F_MAC
        | VIRTIO_NET_F_MRG_RXBUF
        | VIRTIO_NET_F_STATUS
        | VIRTIO_NET_F_CTRL_VQ
        | VIRTIO_NET_F_CTRL_RX;
  }

  @Override
  public int[] queueSizes() {
    return new int[] {QUEUE_SIZE, QUEUE_SIZE, CONTROL_QUEUE_SIZE};
  }

  @Override
  public void connect(VirtioTransport to) {
    transport = to;
    receiver.connect(to.memory());
    transmitter.connect(to.memory());
    command = new DescriptorChain(to.memory());
    wire.onArrival(() -> to.wake(RECEIVE));
  }

  @Override
  public void activate(long features) {
    mergeable = (features & VIRTIO_NET_F_MRG_RXBUF) != 0;
  }

  @Override
  public void reset() {
    receiver.reset();
  }

  @Override
  public boolean process(int index, Virtqueue queue) {
    boolean more =
        switch (index) {
          case RECEIVE -> receiver.step(queue, mergeable);
          case TRANSMIT -> transmitter.step(queue);
          case CONTROL -> control(queue);
          default -> false;
        };
    if (queue.isSignalDue()) {
      transport.signal(index);
    }
    return more;
  }

  private boolean control(Virtqueue queue) {
    byte[] bytes = new byte[2];
    queue.beginTaking();
    for (int i = 0; i < COMMANDS_A_STEP; i++) {
      if (!queue.take(command)) {
        return queue.endTaking();
      }
      boolean known = command.read(0, bytes, 0, 2) == 2 && isFilter(bytes[0], bytes[1]);
      bytes[0] = (byte) (known ? VIRTIO_NET_OK : VIRTIO_NET_ERR);
      queue.complete(command, command.write(0, bytes, 0, 1));
    }
    return true;
  }

  /** Commands about what to receive: all of it comes, whatever they say. */
  private static boolean isFilter(int kind, int what) {
    return kind == VIRTIO_NET_CTRL_RX
        || kind == VIRTIO_NET_CTRL_MAC && what == VIRTIO_NET_CTRL_MAC_TABLE_SET;
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
      case STATUS -> linkUp ? VIRTIO_NET_S_LINK_UP : 0;
      case MAX_VIRTQUEUE_PAIRS -> 1;
      case MTU -> mtu & 0xFF;
      case MTU + 1 -> mtu >>> 8;
      default -> 0;
    };
  }
}
