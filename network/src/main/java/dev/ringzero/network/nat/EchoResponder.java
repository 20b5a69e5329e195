package dev.ringzero.network.nat;

import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.InternetChecksum;
import dev.ringzero.network.frame.Ipv4;

/**
 * Answers pings of the gateway and the name server.
 *
 * <p>Not modelled: pings of hosts outside. Java has no sockets for them that need no root.
 *
 * @spec RFC 792, "Echo or Echo Reply Message"
 */
final class EchoResponder {
  private static final int TYPE = 0;
  private static final int CHECKSUM = 2;
  private static final int HEADER_BYTES = 8;
  private static final int ECHO_REQUEST = 8;

  private final GuestSide guests;
  private final NatCounters counters;

  EchoResponder(GuestSide guests, NatCounters counters) {
    this.guests = guests;
    this.counters = counters;
  }

  void input(byte[] frame, int message, int lengthBytes, int source, int destination) {
    if (lengthBytes < HEADER_BYTES
        || lengthBytes > GuestSide.MOST_PAYLOAD_BYTES
        || InternetChecksum.of(InternetChecksum.sum(0, frame, message, lengthBytes)) != 0) {
      counters.count(NatCounter.MALFORMED);
      return;
    }
    boolean request = BigEndian.get16(frame, message + TYPE) == ECHO_REQUEST << 8;
    if (!request || !NatNetwork.isOurs(destination)) {
      counters.count(NatCounter.UNSUPPORTED);
      return;
    }
    byte[] reply = guests.frame;
    System.arraycopy(frame, message, reply, GuestSide.PAYLOAD, lengthBytes);
    BigEndian.put32(reply, GuestSide.PAYLOAD + TYPE, 0);
    long sum = InternetChecksum.sum(0, reply, GuestSide.PAYLOAD, lengthBytes);
    BigEndian.put16(reply, GuestSide.PAYLOAD + CHECKSUM, InternetChecksum.of(sum));
    guests.sendPacket(guests.neighbour(source), Ipv4.ICMP, destination, source, lengthBytes);
  }
}
