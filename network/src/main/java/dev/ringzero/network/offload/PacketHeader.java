package dev.ringzero.network.offload;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.frame.Ipv4;
import dev.ringzero.network.frame.Ipv6;
import dev.ringzero.network.frame.Tcp;

/** Checks what a stranger put into a packet's header, so that others may rely on it. */
public final class PacketHeader {
  private static final int LEAST_SEGMENT_BYTES = 8;

  private PacketHeader() {}

  /** Whether the header fits its frame; segmentation is only for TCP as it should be. */
  public static boolean isSound(Packet packet) {
    if (packet.length() < Ethernet.HEADER_BYTES) {
      return false;
    }
    byte[] bytes = packet.bytes();
    if ((bytes[Packet.FLAGS] & ~Packet.NEEDS_CHECKSUM) != 0) {
      return false;
    }
    if (packet.needsChecksum()
        && packet.checksumStart() + packet.checksumOffset() + 2 > packet.length()) {
      return false;
    }
    return switch (packet.segmentation()) {
      case Packet.SEGMENTATION_NONE -> true;
      case Packet.SEGMENTATION_TCP4, Packet.SEGMENTATION_TCP6 -> isSegmentable(packet);
      default -> false;
    };
  }

  private static boolean isSegmentable(Packet packet) {
    int ip = ipStart(packet);
    boolean four = packet.segmentation() == Packet.SEGMENTATION_TCP4;
    int tcp = tcpStart(packet, ip, four);
    return tcp > 0
        && packet.needsChecksum()
        && packet.checksumStart() == tcp
        && packet.checksumOffset() == Tcp.CHECKSUM
        && packet.segmentBytes() >= LEAST_SEGMENT_BYTES
        && tcp + Tcp.HEADER_BYTES <= packet.length()
        && Tcp.headerBytes(packet.bytes(), Packet.FRAME + tcp) >= Tcp.HEADER_BYTES
        && tcp + Tcp.headerBytes(packet.bytes(), Packet.FRAME + tcp) <= packet.length();
  }

  /** Where in the frame the IP header begins, behind a VLAN tag too. */
  static int ipStart(Packet packet) {
    boolean tagged = type(packet, Ethernet.TYPE) == Ethernet.VLAN;
    return Ethernet.HEADER_BYTES + (tagged ? Ethernet.TAG_BYTES : 0);
  }

  private static int type(Packet packet, int at) {
    return BigEndian.get16(packet.bytes(), Packet.FRAME + at);
  }

  /** Where the TCP header begins, or 0 if there is none. */
  private static int tcpStart(Packet packet, int ip, boolean four) {
    byte[] bytes = packet.bytes();
    int at = Packet.FRAME + ip;
    int least = four ? Ipv4.HEADER_BYTES : Ipv6.HEADER_BYTES;
    boolean right =
        ip + least <= packet.length()
            && type(packet, ip - 2) == (four ? Ethernet.IPV4 : Ethernet.IPV6);
    if (!right) {
      return 0;
    }
    if (!four) {
      return BigEndian.get8(bytes, at + Ipv6.NEXT_HEADER) == Ipv4.TCP ? ip + least : 0;
    }
    int header = (BigEndian.get8(bytes, at + Ipv4.VERSION_LENGTH) & 0xF) << 2;
    boolean tcp = BigEndian.get8(bytes, at + Ipv4.PROTOCOL) == Ipv4.TCP;
    return tcp && header >= least ? ip + header : 0;
  }
}
