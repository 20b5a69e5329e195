package dev.ringzero.devices.igb;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.wire.Packet;
import java.util.Deque;

/**
 * What a context descriptor said of the headers of packets that follow, and what is to be done to
 * such packets.
 *
 * <p>Not modelled: IPsec, time stamps.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Advanced Transmit Context Descriptor"
 */
final class TransmitContext {
  private static final int IPV4 = 1 << 10; // TUCMD
  private static final int L4_SHIFT = 11; // TUCMD: L4T
  private static final int L4_UDP = 0;
  private static final int L4_TCP = 1;
  private static final int L4_SCTP = 2;
  private static final int TCP_CHECKSUM = 16;
  private static final int UDP_CHECKSUM = 6;
  private static final int SCTP_CHECKSUM = 8;
  private static final int TYPE_IPV4 = 0x0800;
  private static final int TYPE_IPV6 = 0x86DD;
  private static final int IPV6_BYTES = 40;
  private static final int TCP_BYTES = 20;
  private static final int UDP_BYTES = 8;
  private static final int SCTP_BYTES = 12;
  private static final int LEAST_SEGMENT_BYTES = 32;

  private int lengths; // VLAN, MACLEN, IPLEN
  private int command; // TUCMD
  private int segment; // MSS, L4LEN

  void reset() {
    lengths = 0;
    command = 0;
    segment = 0;
  }

  void take(long low, long high) {
    lengths = (int) low;
    command = (int) high;
    segment = (int) (high >>> 32);
  }

  int vlan() {
    return lengths >>> 16;
  }

  private int network() {
    return lengths >>> 9 & 0x7F;
  }

  private int transport() {
    return network() + (lengths & 0x1FF);
  }

  private boolean isIpv4() {
    return (command & IPV4) != 0;
  }

  private int protocol() {
    return command >>> L4_SHIFT & 3;
  }

  /**
   * Segments a packet that is the caller's alone: a plain TCP packet is marked for whoever receives
   * it, others are cut.
   *
   * @return false if its headers are not as the context says
   */
  boolean segment(Packet packet, Deque<Packet> pieces) {
    boolean tcp = protocol() == L4_TCP;
    int headers = transport() + (segment >>> 8 & 0xFF);
    int most = segment >>> 16;
    boolean right =
        (tcp || protocol() == L4_UDP)
            && hasHeaders(packet)
            && headers >= transport() + (tcp ? TCP_BYTES : UDP_BYTES)
            && headers <= packet.length()
            && most >= LEAST_SEGMENT_BYTES;
    if (!right) {
      return false;
    }
    if (tcp && isPlain(packet, headers)) {
      mark(packet, headers, most);
      pieces.add(packet);
    } else {
      new SegmentCutter(network(), transport(), headers, most, isIpv4(), tcp).cut(packet, pieces);
    }
    return true;
  }

  /** Whether the headers of the context are all that the packet has. */
  private boolean isPlain(Packet packet, int headers) {
    byte[] bytes = packet.bytes();
    int ip = Packet.FRAME + network();
    int type = (bytes[ip - 2] & 0xFF) << 8 | bytes[ip - 1] & 0xFF;
    int offset = (bytes[Packet.FRAME + transport() + 12] & 0xF0) >>> 2;
    boolean right =
        isIpv4()
            ? type == TYPE_IPV4
                && bytes[ip + 9] == FrameHeaders.TCP
                && (bytes[ip] & 0xF) << 2 == transport() - network()
            : type == TYPE_IPV6
                && bytes[ip + 6] == FrameHeaders.TCP
                && transport() - network() == IPV6_BYTES;
    return right && network() == FrameHeaders.ETHERNET_BYTES && offset == headers - transport();
  }

  private void mark(Packet packet, int headers, int most) {
    byte[] bytes = packet.bytes();
    int ip = Packet.FRAME + network();
    if (isIpv4()) {
      InternetSum.put16(bytes, ip + 2, packet.length() - network());
      finishIpv4(packet);
    } else {
      InternetSum.put16(bytes, ip + 4, packet.length() - network() - IPV6_BYTES);
    }
    int payload = packet.length() - transport();
    long sum = InternetSum.pseudo(bytes, ip, isIpv4(), FrameHeaders.TCP, payload);
    int field = Packet.FRAME + transport() + TCP_CHECKSUM;
    InternetSum.put16(bytes, field, InternetSum.fold(sum));
    packet.beginChecksum(transport(), TCP_CHECKSUM);
    int kind = isIpv4() ? Packet.SEGMENTATION_TCP4 : Packet.SEGMENTATION_TCP6;
    packet.beginSegmentation(kind, headers, most);
  }

  private boolean hasHeaders(Packet packet) {
    int least = isIpv4() ? 20 : 40;
    return network() >= FrameHeaders.ETHERNET_BYTES
        && transport() - network() >= least
        && transport() < packet.length();
  }

  /** Puts the checksum of the IPv4 header in place. */
  void finishIpv4(Packet packet) {
    if (!isIpv4() || !hasHeaders(packet)) {
      return;
    }
    SegmentCutter.finishIpv4(packet.bytes(), Packet.FRAME + network(), Packet.FRAME + transport());
  }

  /** Asks for the transport's checksum, whose field holds the sum of the pseudo header. */
  void beginChecksum(Packet packet) {
    switch (protocol()) {
      case L4_TCP -> begin(packet, TCP_CHECKSUM);
      case L4_UDP -> begin(packet, UDP_CHECKSUM);
      case L4_SCTP -> finishSctp(packet);
      default -> {}
    }
  }

  private void begin(Packet packet, int field) {
    if (transport() + field + 2 <= packet.length()) {
      packet.beginChecksum(transport(), field);
    }
  }

  private void finishSctp(Packet packet) {
    if (transport() + SCTP_BYTES <= packet.length()) {
      byte[] bytes = packet.bytes();
      int from = Packet.FRAME + transport();
      int sum = InternetSum.sctp(bytes, from, Packet.FRAME + packet.length());
      InternetSum.put32(bytes, from + SCTP_CHECKSUM, sum);
    }
  }

  void save(StateWriter out) {
    out.writeInt(lengths);
    out.writeInt(command);
    out.writeInt(segment);
  }

  void restore(StateReader in) {
    lengths = in.readInt();
    command = in.readInt();
    segment = in.readInt();
  }
}
