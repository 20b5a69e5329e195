package dev.ringzero.devices.virtio.net;

import static dev.ringzero.devices.virtio.net.NetProtocol.*;

/**
 * Finishes a checksum that the driver began: the field holds the sum of the pseudo header.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Packet Transmission"
 */
final class ChecksumCompletion {
  private static final int UDP_FIELD = 6;

  private ChecksumCompletion() {}

  /** Completes the frame behind the header; false if the header points outside of it. */
  static boolean complete(byte[] packet, int lengthBytes) {
    int start = HEADER_BYTES + little16(packet, CSUM_START);
    int field = little16(packet, CSUM_OFFSET);
    int at = start + field;
    if (at + 2 > lengthBytes) {
      return false;
    }
    long sum = 0;
    for (int i = start; i + 1 < lengthBytes; i += 2) {
      sum += (packet[i] & 0xFF) << 8 | packet[i + 1] & 0xFF;
    }
    if ((lengthBytes - start) % 2 != 0) {
      sum += (packet[lengthBytes - 1] & 0xFF) << 8;
    }
    int checksum = fold(sum);
    int value = checksum == 0 && field == UDP_FIELD ? 0xFFFF : checksum;
    packet[at] = (byte) (value >>> 8);
    packet[at + 1] = (byte) value;
    return true;
  }

  private static int fold(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xFFFF) + (folded >>> 16);
    }
    return (int) ~folded & 0xFFFF;
  }

  private static int little16(byte[] bytes, int at) {
    return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8;
  }
}
