package dev.ringzero.devices.virtio.net;

import dev.ringzero.engine.wire.Packet;

/** A number that both directions of a flow have in common. */
final class FlowHash {
  private static final int TYPE = Packet.FRAME + 12;
  private static final int IP = Packet.FRAME + 14;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86DD;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int GOLDEN_RATIO = 0x9E37_79B9;

  private FlowHash() {}

  static int of(Packet packet) {
    byte[] bytes = packet.bytes();
    int type = packet.length() < 14 ? 0 : get16(bytes, TYPE);
    if (type == IPV4 && packet.length() >= 38) {
      int header = (bytes[IP] & 0xF) << 2;
      int sum = get32(bytes, IP + 12) ^ get32(bytes, IP + 16);
      return mix(sum ^ ports(packet, bytes[IP + 9], IP + header));
    }
    if (type == IPV6 && packet.length() >= 58) {
      int sum = 0;
      for (int i = 8; i < 40; i += 4) {
        sum ^= get32(bytes, IP + i);
      }
      return mix(sum ^ ports(packet, bytes[IP + 6], IP + 40));
    }
    return 0;
  }

  private static int ports(Packet packet, int protocol, int at) {
    boolean known = protocol == TCP || protocol == UDP;
    boolean there = at + 4 <= Packet.FRAME + packet.length();
    return known && there ? get16(packet.bytes(), at) ^ get16(packet.bytes(), at + 2) : 0;
  }

  private static int mix(int value) {
    return value * GOLDEN_RATIO >>> 16;
  }

  private static int get16(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
  }

  private static int get32(byte[] bytes, int at) {
    return get16(bytes, at) << 16 | get16(bytes, at + 2);
  }
}
