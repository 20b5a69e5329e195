package dev.ringzero.devices.virtio.net;

/**
 * Features, configuration space and control commands of the network device. The header before each
 * packet is {@link dev.ringzero.engine.wire.Packet}'s.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Network Device"
 */
final class NetProtocol {
  static final long VIRTIO_NET_F_CSUM = 1L << 0;
  static final long VIRTIO_NET_F_GUEST_CSUM = 1L << 1;
  static final long VIRTIO_NET_F_CTRL_GUEST_OFFLOADS = 1L << 2;
  static final long VIRTIO_NET_F_MTU = 1L << 3;
  static final long VIRTIO_NET_F_MAC = 1L << 5;
  static final long VIRTIO_NET_F_GUEST_TSO4 = 1L << 7;
  static final long VIRTIO_NET_F_GUEST_TSO6 = 1L << 8;
  static final long VIRTIO_NET_F_HOST_TSO4 = 1L << 11;
  static final long VIRTIO_NET_F_HOST_TSO6 = 1L << 12;
  static final long VIRTIO_NET_F_MRG_RXBUF = 1L << 15;
  static final long VIRTIO_NET_F_STATUS = 1L << 16;
  static final long VIRTIO_NET_F_CTRL_VQ = 1L << 17;
  static final long VIRTIO_NET_F_CTRL_RX = 1L << 18;
  static final long VIRTIO_NET_F_CTRL_VLAN = 1L << 19;
  static final long VIRTIO_NET_F_CTRL_RX_EXTRA = 1L << 20;
  static final long VIRTIO_NET_F_GUEST_ANNOUNCE = 1L << 21;
  static final long VIRTIO_NET_F_MQ = 1L << 22;
  static final long VIRTIO_NET_F_CTRL_MAC_ADDR = 1L << 23;

  // Configuration space.
  static final int MAC = 0;
  static final int STATUS = 6;
  static final int MAX_VIRTQUEUE_PAIRS = 8;
  static final int MTU = 10;
  static final int CONFIG_BYTES = 12;

  static final int VIRTIO_NET_S_LINK_UP = 1 << 0;
  static final int VIRTIO_NET_S_ANNOUNCE = 1 << 1;

  // Control commands: class (1), command (1), data.
  static final int VIRTIO_NET_CTRL_RX = 0;
  static final int VIRTIO_NET_CTRL_RX_PROMISC = 0;
  static final int VIRTIO_NET_CTRL_RX_ALLMULTI = 1;
  static final int VIRTIO_NET_CTRL_RX_ALLUNI = 2;
  static final int VIRTIO_NET_CTRL_RX_NOMULTI = 3;
  static final int VIRTIO_NET_CTRL_RX_NOUNI = 4;
  static final int VIRTIO_NET_CTRL_RX_NOBCAST = 5;
  static final int VIRTIO_NET_CTRL_MAC = 1;
  static final int VIRTIO_NET_CTRL_MAC_TABLE_SET = 0;
  static final int VIRTIO_NET_CTRL_MAC_ADDR_SET = 1;
  static final int VIRTIO_NET_CTRL_VLAN = 2;
  static final int VIRTIO_NET_CTRL_VLAN_ADD = 0;
  static final int VIRTIO_NET_CTRL_VLAN_DEL = 1;
  static final int VIRTIO_NET_CTRL_ANNOUNCE = 3;
  static final int VIRTIO_NET_CTRL_ANNOUNCE_ACK = 0;
  static final int VIRTIO_NET_CTRL_MQ = 4;
  static final int VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET = 0;
  static final int VIRTIO_NET_CTRL_GUEST_OFFLOADS = 5;
  static final int VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET = 0;
  static final int VIRTIO_NET_OK = 0;
  static final int VIRTIO_NET_ERR = 1;

  private NetProtocol() {}
}
