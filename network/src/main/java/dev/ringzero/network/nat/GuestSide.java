package dev.ringzero.network.nat;

import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.PacketQueue;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.frame.InternetChecksum;
import dev.ringzero.network.frame.Ipv4;
import dev.ringzero.network.frame.Tcp;
import dev.ringzero.network.frame.Udp;

/**
 * The way to the guests: one frame under construction, who has which address, and the queue in
 * which frames wait.
 */
final class GuestSide {
  /** Where an IP packet begins in {@link #frame}. */
  static final int PACKET = Packet.FRAME + Ethernet.HEADER_BYTES;

  /** Where the payload of an IP packet begins. */
  static final int PAYLOAD = PACKET + Ipv4.HEADER_BYTES;

  static final int MOST_PAYLOAD_BYTES = NatNetwork.MTU - Ipv4.HEADER_BYTES;

  /** The longest payload of a packet, which goes in fragments. */
  static final int MOST_LONG_PAYLOAD_BYTES = 65_535 - Ipv4.HEADER_BYTES;

  private static final int MOST_LONG_SEGMENT_BYTES = MOST_LONG_PAYLOAD_BYTES - Tcp.HEADER_BYTES;
  private static final int FRAGMENT_BYTES = MOST_PAYLOAD_BYTES & ~7;
  private static final int TIME_TO_LIVE = 64;

  /** Filled from {@link #PAYLOAD} on by whoever sends. A byte more shows what is too long. */
  final byte[] frame = new byte[PAYLOAD + MOST_LONG_PAYLOAD_BYTES + 1];

  /** What of the packet's header is filled in. */
  private volatile Offloads offloads = Offloads.NONE;

  private final PacketQueue queue;
  private final NatCounters counters;

  /** MAC by the last part of an address; 0 if unknown. */
  private final long[] neighbours = new long[256];

  private int identification;

  GuestSide(PacketQueue queue, NatCounters counters) {
    this.queue = queue;
    this.counters = counters;
  }

  void learn(int ip, long mac) {
    if (NatNetwork.isGuest(ip) && !Ethernet.isGroup(mac)) {
      neighbours[ip & ~NatNetwork.MASK] = mac;
    }
  }

  /** The MAC of a guest, or 0 if it has not been heard of. */
  long neighbour(int ip) {
    return NatNetwork.isGuest(ip) ? neighbours[ip & ~NatNetwork.MASK] : 0;
  }

  void accept(Offloads taken) {
    offloads = taken;
  }

  /** Whether a frame of the ordinary length has room now. */
  boolean hasRoom() {
    return queue.hasRoom(1, Ethernet.HEADER_BYTES + NatNetwork.MTU);
  }

  /** Whether so much of a TCP segment has room now. */
  boolean hasRoom(int dataBytes) {
    return queue.hasRoom(1, PAYLOAD + Tcp.HEADER_BYTES + dataBytes);
  }

  /** Sends the frame, whose payload of that type is in place. */
  void send(long mac, int type, int payloadBytes) {
    offer(framed(mac, type, payloadBytes));
  }

  private void offer(Packet packet) {
    if (queue.offer(packet)) {
      counters.count(NatCounter.FRAMES_TO_GUEST);
    }
  }

  private Packet framed(long mac, int type, int payloadBytes) {
    int ethernet = Packet.FRAME;
    BigEndian.put48(frame, ethernet + Ethernet.DESTINATION, mac);
    BigEndian.put48(frame, ethernet + Ethernet.SOURCE, NatNetwork.GATEWAY_MAC);
    BigEndian.put16(frame, ethernet + Ethernet.TYPE, type);
    return Packet.of(frame, ethernet, Ethernet.HEADER_BYTES + payloadBytes);
  }

  /** Puts an IP header before the payload and sends the packet, in fragments if it is long. */
  void sendPacket(long mac, int protocol, int source, int destination, int payloadBytes) {
    if (payloadBytes <= MOST_PAYLOAD_BYTES) {
      ipHeader(protocol, source, destination, payloadBytes, Ipv4.DONT_FRAGMENT);
      send(mac, Ethernet.IPV4, Ipv4.HEADER_BYTES + payloadBytes);
      return;
    }
    int number = identification++;
    for (int at = 0; at < payloadBytes; at += FRAGMENT_BYTES) {
      int length = Math.min(FRAGMENT_BYTES, payloadBytes - at);
      boolean last = at + length == payloadBytes;
      System.arraycopy(frame, PAYLOAD + at, frame, PAYLOAD, at == 0 ? 0 : length);
      identification = number;
      int fragment = at >>> 3 | (last ? 0 : Ipv4.MORE_FRAGMENTS);
      ipHeader(protocol, source, destination, length, fragment);
      send(mac, Ethernet.IPV4, Ipv4.HEADER_BYTES + length);
    }
  }

  private void ipHeader(int protocol, int source, int destination, int payloadBytes, int fragment) {
    int length = Ipv4.HEADER_BYTES + payloadBytes;
    BigEndian.put16(frame, PACKET + Ipv4.VERSION_LENGTH, 0x4500);
    BigEndian.put16(frame, PACKET + Ipv4.TOTAL_LENGTH, length);
    BigEndian.put16(frame, PACKET + Ipv4.IDENTIFICATION, identification++);
    BigEndian.put16(frame, PACKET + Ipv4.FRAGMENT, fragment);
    BigEndian.put16(frame, PACKET + Ipv4.TIME_TO_LIVE, TIME_TO_LIVE << 8 | protocol);
    BigEndian.put16(frame, PACKET + Ipv4.CHECKSUM, 0);
    BigEndian.put32(frame, PACKET + Ipv4.SOURCE, source);
    BigEndian.put32(frame, PACKET + Ipv4.DESTINATION, destination);
    int checksum = InternetChecksum.of(InternetChecksum.sum(0, frame, PACKET, Ipv4.HEADER_BYTES));
    BigEndian.put16(frame, PACKET + Ipv4.CHECKSUM, checksum);
  }

  /** Puts headers before the data, which begins behind the UDP header, and sends the datagram. */
  void sendDatagram(
      long mac, int source, int sourcePort, int destination, int destinationPort, int dataBytes) {
    int length = Udp.HEADER_BYTES + dataBytes;
    BigEndian.put16(frame, PAYLOAD + Udp.SOURCE_PORT, sourcePort);
    BigEndian.put16(frame, PAYLOAD + Udp.DESTINATION_PORT, destinationPort);
    BigEndian.put16(frame, PAYLOAD + Udp.LENGTH, length);
    BigEndian.put16(frame, PAYLOAD + Udp.CHECKSUM, 0);
    int checksum = checksum(source, destination, Ipv4.UDP, length);
    BigEndian.put16(frame, PAYLOAD + Udp.CHECKSUM, checksum == 0 ? 0xFFFF : checksum);
    sendPacket(mac, Ipv4.UDP, source, destination, length);
  }

  /** The longest data of a TCP segment that one packet may carry. */
  int mostDataBytes(int segmentBytes) {
    return offloads.tcp4() ? MOST_LONG_SEGMENT_BYTES / segmentBytes * segmentBytes : segmentBytes;
  }

  /**
   * Sends the TCP segment that is in place but for its checksum.
   *
   * @param cut the length of the segments into which the guest's card cuts longer data
   */
  void sendSegment(int source, int destination, int segmentBytes, int headerBytes, int cut) {
    long mac = neighbour(destination);
    if (!offloads.checksum()) {
      BigEndian.put16(frame, PAYLOAD + Tcp.CHECKSUM, 0);
      int checksum = checksum(source, destination, Ipv4.TCP, segmentBytes);
      BigEndian.put16(frame, PAYLOAD + Tcp.CHECKSUM, checksum);
      sendPacket(mac, Ipv4.TCP, source, destination, segmentBytes);
      return;
    }
    long pseudo = InternetChecksum.pseudoHeader(source, destination, Ipv4.TCP, segmentBytes);
    BigEndian.put16(frame, PAYLOAD + Tcp.CHECKSUM, ~InternetChecksum.of(pseudo));
    ipHeader(Ipv4.TCP, source, destination, segmentBytes, Ipv4.DONT_FRAGMENT);
    Packet packet = framed(mac, Ethernet.IPV4, Ipv4.HEADER_BYTES + segmentBytes);
    packet.beginChecksum(PAYLOAD - Packet.FRAME, Tcp.CHECKSUM);
    if (segmentBytes - headerBytes > cut) {
      int headers = PAYLOAD - Packet.FRAME + headerBytes;
      packet.beginSegmentation(Packet.SEGMENTATION_TCP4, headers, cut);
    }
    offer(packet);
  }

  private int checksum(int source, int destination, int protocol, int lengthBytes) {
    long pseudo = InternetChecksum.pseudoHeader(source, destination, protocol, lengthBytes);
    return InternetChecksum.of(InternetChecksum.sum(pseudo, frame, PAYLOAD, lengthBytes));
  }
}
