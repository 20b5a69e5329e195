package dev.ringzero.network.nat;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.frame.Icmp;
import dev.ringzero.network.frame.InternetChecksum;
import dev.ringzero.network.frame.Ipv4;
import dev.ringzero.network.frame.Tcp;
import dev.ringzero.network.frame.Udp;

/**
 * Looks at each frame of a guest, checks lengths and checksums, and hands it to whom it is for.
 *
 * <p>Not modelled: IPv6.
 */
final class PacketInput {
  private final Clock clock;
  private final GuestSide guests;
  private final NatCounters counters;
  private final ArpResponder arp;
  private final EchoResponder echo;
  private final DhcpServer dhcp;
  private final UdpFlows udp;
  private final TcpFlows tcp;
  private final IcmpErrors errors;
  private final Reassembly reassembly;

  /** Whether the packet at hand has no checksum of its TCP or UDP yet. */
  private boolean unfinished;

  PacketInput(
      Clock clock,
      GuestSide guests,
      NatCounters counters,
      UdpFlows udp,
      TcpFlows tcp,
      EchoResponder echo,
      IcmpErrors errors) {
    this.clock = clock;
    this.guests = guests;
    this.counters = counters;
    this.udp = udp;
    this.tcp = tcp;
    this.echo = echo;
    this.errors = errors;
    arp = new ArpResponder(guests, counters);
    dhcp = new DhcpServer(guests, counters);
    reassembly = new Reassembly(counters);
  }

  /** Forgets what did not come in time. */
  void expire() {
    reassembly.expire(clock.nanoTime());
  }

  boolean isIdle() {
    return reassembly.isEmpty();
  }

  /** Takes a packet that stays the caller's. */
  void input(Packet whole) {
    byte[] frame = whole.bytes();
    int lengthBytes = whole.length() - Ethernet.HEADER_BYTES;
    counters.count(NatCounter.FRAMES_FROM_GUEST);
    if (lengthBytes < 0) {
      counters.count(NatCounter.MALFORMED);
      return;
    }
    long destination = BigEndian.get48(frame, Packet.FRAME + Ethernet.DESTINATION);
    if (destination != NatNetwork.GATEWAY_MAC && destination != Ethernet.BROADCAST) {
      return;
    }
    unfinished = whole.needsChecksum();
    int packet = Packet.FRAME + Ethernet.HEADER_BYTES;
    switch (BigEndian.get16(frame, Packet.FRAME + Ethernet.TYPE)) {
      case Ethernet.ARP -> arp.input(frame, packet, lengthBytes);
      case Ethernet.IPV4 -> packet(frame, packet, lengthBytes);
      default -> counters.count(NatCounter.UNSUPPORTED);
    }
  }

  private void packet(byte[] frame, int packet, int lengthBytes) {
    if (!isIntact(frame, packet, lengthBytes)) {
      counters.count(NatCounter.MALFORMED);
      return;
    }
    int header = headerBytes(frame, packet);
    int destination = BigEndian.get32(frame, packet + Ipv4.DESTINATION);
    guests.learn(
        BigEndian.get32(frame, packet + Ipv4.SOURCE),
        BigEndian.get48(frame, Packet.FRAME + Ethernet.SOURCE));
    boolean last = BigEndian.get8(frame, packet + Ipv4.TIME_TO_LIVE) <= 1;
    if (last && !NatNetwork.contains(destination) && destination != Ipv4.BROADCAST) {
      long now = clock.nanoTime();
      errors.tell(Icmp.TIME_EXCEEDED, 0, NatNetwork.GATEWAY, frame, packet, now);
      return;
    }
    int fragment = BigEndian.get16(frame, packet + Ipv4.FRAGMENT);
    if ((fragment & (Ipv4.MORE_FRAGMENTS | Ipv4.FRAGMENT_OFFSET)) == 0) {
      int length = BigEndian.get16(frame, packet + Ipv4.TOTAL_LENGTH) - header;
      payload(frame, packet, frame, packet + header, length);
      return;
    }
    byte[] whole = reassembly.add(frame, packet, header, clock.nanoTime());
    if (whole != null) {
      unfinished = false;
      payload(frame, packet, whole, 0, reassembly.lengthBytes());
    }
  }

  private static int headerBytes(byte[] frame, int packet) {
    return (BigEndian.get8(frame, packet + Ipv4.VERSION_LENGTH) & 0xF) << 2;
  }

  private static boolean isIntact(byte[] frame, int packet, int lengthBytes) {
    if (lengthBytes < Ipv4.HEADER_BYTES
        || BigEndian.get8(frame, packet + Ipv4.VERSION_LENGTH) >>> 4 != 4) {
      return false;
    }
    int header = headerBytes(frame, packet);
    int total = BigEndian.get16(frame, packet + Ipv4.TOTAL_LENGTH);
    return header >= Ipv4.HEADER_BYTES
        && header <= total
        && total <= lengthBytes
        && InternetChecksum.of(InternetChecksum.sum(0, frame, packet, header)) == 0;
  }

  /** Takes the payload of a packet, of which the first or only fragment is at hand. */
  private void payload(byte[] frame, int packet, byte[] bytes, int at, int length) {
    int source = BigEndian.get32(frame, packet + Ipv4.SOURCE);
    int destination = BigEndian.get32(frame, packet + Ipv4.DESTINATION);
    int protocol = BigEndian.get8(frame, packet + Ipv4.PROTOCOL);
    if (protocol == Ipv4.UDP) {
      if (!datagram(bytes, at, length, source, destination)) {
        unreachable(frame, packet);
      }
    } else if (!NatNetwork.isGuest(source)) {
      counters.count(NatCounter.REFUSED);
    } else if (protocol == Ipv4.TCP) {
      segment(bytes, at, length, source, destination);
    } else if (protocol != Ipv4.ICMP) {
      counters.count(NatCounter.UNSUPPORTED);
    } else if (!echo.input(bytes, at, length, source, destination)) {
      unreachable(frame, packet);
    }
  }

  private void unreachable(byte[] frame, int packet) {
    long now = clock.nanoTime();
    errors.tell(Icmp.UNREACHABLE, Icmp.PROHIBITED, NatNetwork.GATEWAY, frame, packet, now);
  }

  /** False if it may not go where it wants to. */
  private boolean datagram(byte[] frame, int at, int length, int source, int destination) {
    int said = length < Udp.HEADER_BYTES ? 0 : BigEndian.get16(frame, at + Udp.LENGTH);
    if (said < Udp.HEADER_BYTES
        || said > length
        || !isSound(frame, at, said, source, destination)) {
      counters.count(NatCounter.MALFORMED);
      return true;
    }
    boolean forUs = destination == Ipv4.BROADCAST || destination == NatNetwork.GATEWAY;
    if (forUs && BigEndian.get16(frame, at + Udp.DESTINATION_PORT) == Dhcp.SERVER_PORT) {
      dhcp.input(frame, at + Udp.HEADER_BYTES, said - Udp.HEADER_BYTES);
    } else if (NatNetwork.isGuest(source)) {
      return udp.input(frame, at, said, source, destination);
    } else {
      counters.count(NatCounter.REFUSED);
    }
    return true;
  }

  private boolean isSound(byte[] frame, int at, int length, int source, int destination) {
    return BigEndian.get16(frame, at + Udp.CHECKSUM) == 0
        || isSum(frame, at, length, source, destination, Ipv4.UDP);
  }

  private void segment(byte[] frame, int at, int length, int source, int destination) {
    int header = length < Tcp.HEADER_BYTES ? 0 : Tcp.headerBytes(frame, at);
    if (header < Tcp.HEADER_BYTES
        || header > length
        || !isSum(frame, at, length, source, destination, Ipv4.TCP)) {
      counters.count(NatCounter.MALFORMED);
      return;
    }
    tcp.input(frame, at, length, source, destination);
  }

  private boolean isSum(
      byte[] frame, int at, int length, int source, int destination, int protocol) {
    if (unfinished) {
      return true;
    }
    long pseudo = InternetChecksum.pseudoHeader(source, destination, protocol, length);
    return InternetChecksum.of(InternetChecksum.sum(pseudo, frame, at, length)) == 0;
  }
}
