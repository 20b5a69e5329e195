package dev.ringzero.devices.virtio.vsock;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The header of a packet, over bytes of its own.
 *
 * <pre>
 * 0: source CID (8)  8: destination CID (8)  16: source port (4)  20: destination port (4)
 * 24: length (4)  28: type (2)  30: operation (2)  32: flags (4)
 * 36: room for data (4)  40: data taken so far (4)
 * </pre>
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Socket Device", "Device Operation"
 */
final class VsockHeader {
  static final int BYTES = 44;

  static final int VIRTIO_VSOCK_TYPE_STREAM = 1;

  static final int VIRTIO_VSOCK_OP_REQUEST = 1;
  static final int VIRTIO_VSOCK_OP_RESPONSE = 2;
  static final int VIRTIO_VSOCK_OP_RST = 3;
  static final int VIRTIO_VSOCK_OP_SHUTDOWN = 4;
  static final int VIRTIO_VSOCK_OP_RW = 5;
  static final int VIRTIO_VSOCK_OP_CREDIT_UPDATE = 6;
  static final int VIRTIO_VSOCK_OP_CREDIT_REQUEST = 7;

  static final int VIRTIO_VSOCK_SHUTDOWN_F_RECEIVE = 1 << 0;
  static final int VIRTIO_VSOCK_SHUTDOWN_F_SEND = 1 << 1;
  static final int SHUTDOWN_BOTH = VIRTIO_VSOCK_SHUTDOWN_F_RECEIVE | VIRTIO_VSOCK_SHUTDOWN_F_SEND;

  /** The host's CID, VMADDR_CID_HOST. */
  static final long HOST_CID = 2;

  private final ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);

  byte[] bytes() {
    return bytes.array();
  }

  long sourceCid() {
    return bytes.getLong(0);
  }

  long destinationCid() {
    return bytes.getLong(8);
  }

  int sourcePort() {
    return bytes.getInt(16);
  }

  int destinationPort() {
    return bytes.getInt(20);
  }

  long lengthBytes() {
    return bytes.getInt(24) & 0xFFFF_FFFFL;
  }

  int type() {
    return bytes.getShort(28) & 0xFFFF;
  }

  int operation() {
    return bytes.getShort(30) & 0xFFFF;
  }

  int flags() {
    return bytes.getInt(32);
  }

  int roomBytes() {
    return bytes.getInt(36);
  }

  int takenBytes() {
    return bytes.getInt(40);
  }

  /** Sets all fields for a packet from the host. */
  void set(long guestCid, int hostPort, int guestPort, int operation, int flags) {
    bytes.putLong(0, HOST_CID).putLong(8, guestCid).putInt(16, hostPort).putInt(20, guestPort);
    bytes.putInt(24, 0).putShort(28, (short) VIRTIO_VSOCK_TYPE_STREAM);
    bytes.putShort(30, (short) operation).putInt(32, flags).putInt(36, 0).putInt(40, 0);
  }

  void lengthBytes(int length) {
    bytes.putInt(24, length);
  }

  void credit(int roomBytes, int takenBytes) {
    bytes.putInt(36, roomBytes).putInt(40, takenBytes);
  }
}
