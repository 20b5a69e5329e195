package dev.ringzero.network.nat;

import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Icmp;
import dev.ringzero.network.frame.InternetChecksum;
import dev.ringzero.network.frame.Ipv4;

/**
 * Tells a guest what became of a packet that could not be delivered; some of them a second.
 *
 * @spec RFC 792, "Destination Unreachable Message"; RFC 1812, "Rate Limiting"
 */
final class IcmpErrors {
  private static final int QUOTED_BYTES = Ipv4.HEADER_BYTES + 8;
  private static final long NANOS_A_SECOND = 1_000_000_000L;
  private static final int MOST_A_SECOND = 100;

  private final GuestSide guests;
  private long second = -1;
  private int left;

  IcmpErrors(GuestSide guests) {
    this.guests = guests;
  }

  private boolean mayTell(long nowNanos) {
    if (nowNanos / NANOS_A_SECOND != second) {
      second = nowNanos / NANOS_A_SECOND;
      left = MOST_A_SECOND;
    }
    return left-- > 0;
  }

  /**
   * Tells of a packet of a guest that is intact.
   *
   * @param from whose message it is
   */
  void tell(int type, int code, int from, byte[] frame, int packet, long nowNanos) {
    int guest = BigEndian.get32(frame, packet + Ipv4.SOURCE);
    int total = BigEndian.get16(frame, packet + Ipv4.TOTAL_LENGTH);
    if (!mayTell(nowNanos) || !NatNetwork.isGuest(guest)) {
      return;
    }
    int quoted = Math.min(total, QUOTED_BYTES);
    System.arraycopy(frame, packet, guests.frame, GuestSide.PAYLOAD + Icmp.HEADER_BYTES, quoted);
    send(type, code, from, guest, quoted);
  }

  /** Tells of a datagram of a flow, of which no more is known than where it went. */
  void tellOfFlow(int code, FlowKey key, int protocol, long nowNanos) {
    if (!mayTell(nowNanos)) {
      return;
    }
    byte[] reply = guests.frame;
    int quote = GuestSide.PAYLOAD + Icmp.HEADER_BYTES;
    BigEndian.put32(reply, quote, 0x4500 << 16 | QUOTED_BYTES);
    BigEndian.put32(reply, quote + Ipv4.IDENTIFICATION, 0);
    BigEndian.put32(reply, quote + Ipv4.TIME_TO_LIVE, 64 << 24 | protocol << 16);
    BigEndian.put32(reply, quote + Ipv4.SOURCE, key.guestIp());
    BigEndian.put32(reply, quote + Ipv4.DESTINATION, key.remoteIp());
    int sum = InternetChecksum.of(InternetChecksum.sum(0, reply, quote, Ipv4.HEADER_BYTES));
    BigEndian.put16(reply, quote + Ipv4.CHECKSUM, sum);
    int ports = quote + Ipv4.HEADER_BYTES;
    BigEndian.put16(reply, ports, key.guestPort());
    BigEndian.put16(reply, ports + 2, key.remotePort());
    BigEndian.put32(reply, ports + 4, 8 << 16);
    send(Icmp.UNREACHABLE, code, key.remoteIp(), key.guestIp(), QUOTED_BYTES);
  }

  private void send(int type, int code, int from, int guest, int quotedBytes) {
    byte[] reply = guests.frame;
    int message = GuestSide.PAYLOAD;
    int length = Icmp.HEADER_BYTES + quotedBytes;
    BigEndian.put32(reply, message, type << 24 | code << 16);
    BigEndian.put32(reply, message + Icmp.IDENTIFIER, 0);
    int sum = InternetChecksum.of(InternetChecksum.sum(0, reply, message, length));
    BigEndian.put16(reply, message + Icmp.CHECKSUM, sum);
    guests.sendPacket(guests.neighbour(guest), Ipv4.ICMP, from, guest, length);
  }
}
