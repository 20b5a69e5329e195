package dev.ringzero.devices.virtio.net;

/**
 * Features, packet header, configuration space and control commands of the network device.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Network Device"
 */
final class NetProtocol {
  static final long VIRTIO_NET_F_CSUM = 1L << 0;
  static final long VIRTIO_NET_F_MTU = 1L << 3;
  static final long VIRTIO_NET_F_MAC = 1L << 5;
  static final long VIRTIO_NET_F_MRG_RXBUF = 1L << 15;
  static final long VIRTIO_NET_F_STATUS = 1L << 16;
  static final long VIRTIO_NET_F_CTRL_VQ = 1L << 17;
  static final long VIRTIO_NET_F_CTRL_RX = 1L << 18;

  // Configuration space.
  static final int MAC = 0;
  static final int STATUS = 6;
  static final int MAX_VIRTQUEUE_PAIRS = 8;
  static final int MTU = 10;
  static final int CONFIG_BYTES = 12;

  static final int VIRTIO_NET_S_LINK_UP = 1;

  // The header before each packet.
  static final int FLAGS = 0;
  static final int GSO_TYPE = 1;
  static final int CSUM_START = 6;
  static final int CSUM_OFFSET = 8;
  static final int NUM_BUFFERS = 10;
  static final int HEADER_BYTES = 12;

  static final int VIRTIO_NET_HDR_F_NEEDS_CSUM = 1;
  static final int VIRTIO_NET_HDR_GSO_NONE = 0;

  // A control command: class (1), command (1), data.
  static final int VIRTIO_NET_CTRL_RX = 0;
  static final int VIRTIO_NET_CTRL_MAC = 1;
  static final int VIRTIO_NET_CTRL_MAC_TABLE_SET = 0;
  static final int VIRTIO_NET_OK = 0;
  static final int VIRTIO_NET_ERR = 1;

  private NetProtocol() {}
}
