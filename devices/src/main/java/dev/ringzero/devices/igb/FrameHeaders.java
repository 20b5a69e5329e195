package dev.ringzero.devices.igb;

import dev.ringzero.engine.wire.Packet;

/**
 * Where the headers of a frame lie, and what they say that a network controller looks at. Offsets
 * count from the frame's start. One is used for frame after frame.
 *
 * @spec IEEE 802.3, "Frame format"; RFC 791, RFC 8200, "Header Format"
 */
final class FrameHeaders {
  static final int ETHERNET_BYTES = 14;
  static final int TAG_BYTES = 4;
  static final long BROADCAST = 0xFFFF_FFFF_FFFFL;

  static final int TCP = 6;
  static final int UDP = 17;
  static final int SCTP = 132;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86DD;
  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int DESTINATION_OPTIONS = 60;
  private static final int FRAGMENT = 44;
  private static final int MOST_EXTENSIONS = 8;
  private static final int IPV4_BYTES = 20;
  private static final int IPV6_BYTES = 40;
  private static final long GROUP = 1L << 40;

  private byte[] bytes;
  private int length;

  long destination;
  long source;

  /** The VLAN tag, or -1. */
  int tag;

  int type;

  /** Where the network's header begins. */
  int network;

  boolean isIpv4;
  boolean isIpv6;
  boolean isFragment;

  /** The transport protocol: TCP, UDP, SCTP, or -1 for none that is known. */
  int protocol;

  /** Where the transport's header begins, or 0. */
  int transport;

  /** Where the IP packet ends, at most the frame's end. */
  int end;

  /** Looks at a frame of at least {@link #ETHERNET_BYTES}. */
  void parse(Packet packet, int tagType) {
    bytes = packet.bytes();
    length = packet.length();
    destination = get48(0);
    source = get48(6);
    boolean tagged = get16(12) == tagType && length >= ETHERNET_BYTES + TAG_BYTES;
    tag = tagged ? get16(14) : -1;
    network = tagged ? ETHERNET_BYTES + TAG_BYTES : ETHERNET_BYTES;
    type = get16(network - 2);
    isIpv4 = false;
    isIpv6 = false;
    isFragment = false;
    protocol = -1;
    transport = 0;
    end = length;
    if (type == IPV4) {
      parseIpv4();
    } else if (type == IPV6) {
      parseIpv6();
    }
  }

  private void parseIpv4() {
    int header = network < length ? (get8(network) & 0xF) << 2 : 0;
    if (header < IPV4_BYTES || network + header > length || get8(network) >>> 4 != 4) {
      return;
    }
    int total = get16(network + 2);
    if (total < header || network + total > length) {
      return;
    }
    isIpv4 = true;
    end = network + total;
    isFragment = (get16(network + 6) & 0x3FFF) != 0;
    take(get8(network + 9), network + header);
  }

  private void parseIpv6() {
    if (network + IPV6_BYTES > length || get8(network) >>> 4 != 6) {
      return;
    }
    int total = IPV6_BYTES + get16(network + 4);
    if (network + total > length) {
      return;
    }
    isIpv6 = true;
    end = network + total;
    int next = get8(network + 6);
    int at = network + IPV6_BYTES;
    for (int i = 0; i < MOST_EXTENSIONS && isExtension(next); i++) {
      if (at + 8 > end) {
        return;
      }
      isFragment |= next == FRAGMENT;
      int bytesOfIt = next == FRAGMENT ? 8 : 8 + 8 * get8(at + 1);
      next = get8(at);
      at += bytesOfIt;
    }
    take(next, at);
  }

  private static boolean isExtension(int next) {
    return next == HOP_BY_HOP || next == ROUTING || next == DESTINATION_OPTIONS || next == FRAGMENT;
  }

  private void take(int number, int at) {
    int least = number == TCP ? 20 : number == UDP ? 8 : number == SCTP ? 12 : -1;
    if (least > 0 && !isFragment && at + least <= end) {
      protocol = number;
      transport = at;
    }
  }

  boolean isBroadcast() {
    return destination == BROADCAST;
  }

  /** Whether it goes to a group, broadcast among them. */
  boolean isGroup() {
    return (destination & GROUP) != 0;
  }

  int vlan() {
    return tag & 0xFFF;
  }

  int get8(int at) {
    return bytes[Packet.FRAME + at] & 0xFF;
  }

  int get16(int at) {
    return get8(at) << 8 | get8(at + 1);
  }

  private long get48(int at) {
    return (long) get16(at) << 32 | (long) get16(at + 2) << 16 | get16(at + 4);
  }
}
