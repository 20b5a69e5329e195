package dev.ringzero.network.capture;

import dev.ringzero.network.MacAddress;
import dev.ringzero.network.frame.Arp;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.frame.Ipv4;
import dev.ringzero.network.frame.Ipv6;
import dev.ringzero.network.frame.Tcp;
import dev.ringzero.network.frame.Udp;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** A frame in a line. What is cut short is told by its lower layer. */
final class FrameSummary {
  private static final int VLAN_MASK = 0xFFF;
  private static final int ICMP = 1;
  private static final int ICMPV6 = 58;

  private FrameSummary() {}

  static String of(byte[] bytes, int frame, int lengthBytes) {
    if (lengthBytes < Ethernet.HEADER_BYTES) {
      return "a frame of " + lengthBytes + " bytes";
    }
    int end = frame + lengthBytes;
    int at = frame + Ethernet.HEADER_BYTES;
    int type = BigEndian.get16(bytes, frame + Ethernet.TYPE);
    String tag = "";
    if (type == Ethernet.VLAN && at + Ethernet.TAG_BYTES <= end) {
      tag = "vlan " + (BigEndian.get16(bytes, at) & VLAN_MASK) + " ";
      type = BigEndian.get16(bytes, at + 2);
      at += Ethernet.TAG_BYTES;
    }
    String what =
        switch (type) {
          case Ethernet.ARP -> arp(bytes, at, end);
          case Ethernet.IPV4 -> ipv4(bytes, at, end);
          case Ethernet.IPV6 -> ipv6(bytes, at, end);
          default -> null;
        };
    if (what == null) {
      what =
          "%s > %s type %04x"
              .formatted(
                  MacAddress.format(BigEndian.get48(bytes, frame + Ethernet.SOURCE)),
                  MacAddress.format(BigEndian.get48(bytes, frame + Ethernet.DESTINATION)),
                  type);
    }
    return tag + what + " length " + lengthBytes;
  }

  private static String arp(byte[] bytes, int at, int end) {
    if (at + Arp.BYTES > end) {
      return null;
    }
    String sender = ip4(bytes, at + Arp.SENDER_IP);
    String target = ip4(bytes, at + Arp.TARGET_IP);
    return BigEndian.get16(bytes, at + Arp.OPERATION) == Arp.REQUEST
        ? "ARP who has " + target + " tell " + sender
        : "ARP "
            + sender
            + " is at "
            + MacAddress.format(BigEndian.get48(bytes, at + Arp.SENDER_MAC));
  }

  private static String ipv4(byte[] bytes, int at, int end) {
    if (at + Ipv4.HEADER_BYTES > end) {
      return null;
    }
    int header = (bytes[at] & 0xF) << 2;
    int protocol = BigEndian.get8(bytes, at + Ipv4.PROTOCOL);
    String from = ip4(bytes, at + Ipv4.SOURCE);
    String to = ip4(bytes, at + Ipv4.DESTINATION);
    int fragment = BigEndian.get16(bytes, at + Ipv4.FRAGMENT) & Ipv4.FRAGMENT_OFFSET;
    return fragment > 0
        ? from + " > " + to + " fragment at " + fragment * 8
        : transport(bytes, at + header, end, protocol, from, to);
  }

  private static String ipv6(byte[] bytes, int at, int end) {
    if (at + Ipv6.HEADER_BYTES > end) {
      return null;
    }
    int protocol = BigEndian.get8(bytes, at + Ipv6.NEXT_HEADER);
    String from = ip6(bytes, at + Ipv6.SOURCE);
    String to = ip6(bytes, at + Ipv6.DESTINATION);
    return transport(bytes, at + Ipv6.HEADER_BYTES, end, protocol, from, to);
  }

  private static String transport(
      byte[] bytes, int at, int end, int protocol, String from, String to) {
    if (protocol == Ipv4.TCP && at + Tcp.HEADER_BYTES <= end) {
      int data = end - at - Tcp.headerBytes(bytes, at);
      return "TCP %s:%d > %s:%d %s seq %d ack %d win %d data %d"
          .formatted(
              from,
              BigEndian.get16(bytes, at + Tcp.SOURCE_PORT),
              to,
              BigEndian.get16(bytes, at + Tcp.DESTINATION_PORT),
              flags(BigEndian.get8(bytes, at + Tcp.FLAGS)),
              BigEndian.get32(bytes, at + Tcp.SEQUENCE) & 0xFFFF_FFFFL,
              BigEndian.get32(bytes, at + Tcp.ACKNOWLEDGEMENT) & 0xFFFF_FFFFL,
              BigEndian.get16(bytes, at + Tcp.WINDOW),
              Math.max(0, data));
    }
    if (protocol == Ipv4.UDP && at + Udp.HEADER_BYTES <= end) {
      return "UDP %s:%d > %s:%d"
          .formatted(
              from,
              BigEndian.get16(bytes, at + Udp.SOURCE_PORT),
              to,
              BigEndian.get16(bytes, at + Udp.DESTINATION_PORT));
    }
    if ((protocol == ICMP || protocol == ICMPV6) && at + 2 <= end) {
      String name = protocol == ICMP ? "ICMP" : "ICMPv6";
      return "%s %s > %s %s".formatted(name, from, to, icmp(protocol, BigEndian.get8(bytes, at)));
    }
    return "protocol " + protocol + " " + from + " > " + to;
  }

  private static String icmp(int protocol, int type) {
    return switch (protocol << 8 | type) {
      case ICMP << 8 | 8, ICMPV6 << 8 | 128 -> "echo request";
      case ICMP << 8, ICMPV6 << 8 | 129 -> "echo reply";
      case ICMP << 8 | 3, ICMPV6 << 8 | 1 -> "unreachable";
      case ICMP << 8 | 11, ICMPV6 << 8 | 3 -> "time exceeded";
      case ICMPV6 << 8 | 135 -> "neighbour solicitation";
      case ICMPV6 << 8 | 136 -> "neighbour advertisement";
      default -> "type " + type;
    };
  }

  private static String flags(int flags) {
    String letters = "FSRPA";
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < letters.length(); i++) {
      if ((flags >>> i & 1) != 0) {
        text.append(letters.charAt(i));
      }
    }
    return text.isEmpty() ? "-" : text.toString();
  }

  private static String ip4(byte[] bytes, int at) {
    return "%d.%d.%d.%d"
        .formatted(
            bytes[at] & 0xFF, bytes[at + 1] & 0xFF, bytes[at + 2] & 0xFF, bytes[at + 3] & 0xFF);
  }

  private static String ip6(byte[] bytes, int at) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, at, at + Ipv6.ADDRESS_BYTES))
          .getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
