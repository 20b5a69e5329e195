package dev.ringzero.network.switching;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;

/**
 * Copies of packets with the tag added or removed.
 *
 * @spec IEEE 802.1Q, "Tag format"
 */
final class VlanTag {
  private static final int TAG = Packet.FRAME + Ethernet.TAG;

  private VlanTag() {}

  static Packet add(Packet packet, int vlan) {
    Packet tagged = Packet.take(packet.length() + Ethernet.TAG_BYTES);
    byte[] bytes = tagged.bytes();
    System.arraycopy(packet.bytes(), 0, bytes, 0, TAG);
    BigEndian.put16(bytes, TAG, Ethernet.VLAN);
    BigEndian.put16(bytes, TAG + 2, vlan);
    int rest = packet.length() - Ethernet.TAG;
    System.arraycopy(packet.bytes(), TAG, bytes, TAG + Ethernet.TAG_BYTES, rest);
    move(tagged, Ethernet.TAG_BYTES);
    return tagged;
  }

  static Packet remove(Packet packet) {
    Packet bare = Packet.take(packet.length() - Ethernet.TAG_BYTES);
    byte[] bytes = bare.bytes();
    System.arraycopy(packet.bytes(), 0, bytes, 0, TAG);
    int rest = bare.length() - Ethernet.TAG;
    System.arraycopy(packet.bytes(), TAG + Ethernet.TAG_BYTES, bytes, TAG, rest);
    move(bare, -Ethernet.TAG_BYTES);
    return bare;
  }

  /** What is left to do lies elsewhere now. */
  private static void move(Packet packet, int by) {
    if (packet.needsChecksum()) {
      packet.header16(Packet.CHECKSUM_START, packet.checksumStart() + by);
    }
    if (packet.segmentation() != Packet.SEGMENTATION_NONE) {
      packet.header16(Packet.HEADER_LENGTH, packet.header16(Packet.HEADER_LENGTH) + by);
    }
  }
}
