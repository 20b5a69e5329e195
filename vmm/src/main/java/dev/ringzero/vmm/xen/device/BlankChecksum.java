package dev.ringzero.vmm.xen.device;

import dev.ringzero.engine.wire.Packet;

/** Finds where the checksum of a packet goes that its sender left to others. */
final class BlankChecksum {
  private static final int TYPE = Packet.FRAME + 12;
  private static final int ETHERNET_BYTES = 14;
  private static final int TAG = 0x8100;
  private static final int TAG_BYTES = 4;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86DD;
  private static final int IPV6_BYTES = 40;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int TCP_CHECKSUM = 16;
  private static final int UDP_CHECKSUM = 6;

  private BlankChecksum() {}

  /** Says in the packet what is to be summed; false if it is neither TCP nor UDP. */
  static boolean begin(Packet packet) {
    byte[] bytes = packet.bytes();
    int header = ETHERNET_BYTES;
    int type = packet.length() < header ? 0 : big16(bytes, TYPE);
    if (type == TAG && packet.length() >= header + TAG_BYTES) {
      type = big16(bytes, TYPE + TAG_BYTES);
      header += TAG_BYTES;
    }
    if (packet.length() < header + IPV6_BYTES && type == IPV6 || packet.length() < header + 20) {
      return false;
    }
    int at = Packet.FRAME + header;
    int protocol;
    int start;
    if (type == IPV4) {
      protocol = bytes[at + 9];
      start = header + (bytes[at] & 0xF) * 4;
    } else if (type == IPV6) {
      protocol = bytes[at + 6];
      start = header + IPV6_BYTES;
    } else {
      return false;
    }
    int offset = protocol == TCP ? TCP_CHECKSUM : UDP_CHECKSUM;
    if (protocol != TCP && protocol != UDP || start + offset + 2 > packet.length()) {
      return false;
    }
    packet.beginChecksum(start, offset);
    return true;
  }

  private static int big16(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
  }
}
