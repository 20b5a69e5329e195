package dev.ringzero.network.nat;

import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Icmp;
import dev.ringzero.network.frame.InternetChecksum;
import dev.ringzero.network.frame.Ipv4;

/**
 * Answers pings of the gateway and the name server, and relays those of hosts outside.
 *
 * @spec RFC 792, "Echo or Echo Reply Message"
 */
final class EchoResponder {
  private static final int ANY_PORT = 1;

  private final GuestSide guests;
  private final NatCounters counters;
  private final Reachability reachability;
  private final EchoRelay relay;

  EchoResponder(
      GuestSide guests, NatCounters counters, Reachability reachability, EchoRelay relay) {
    this.guests = guests;
    this.counters = counters;
    this.reachability = reachability;
    this.relay = relay;
  }

  /** Takes a message; false if it is an echo request for a host that cannot be asked. */
  boolean input(byte[] frame, int message, int lengthBytes, int source, int destination) {
    if (lengthBytes < Icmp.HEADER_BYTES
        || lengthBytes > GuestSide.MOST_LONG_PAYLOAD_BYTES
        || InternetChecksum.of(InternetChecksum.sum(0, frame, message, lengthBytes)) != 0) {
      counters.count(NatCounter.MALFORMED);
      return true;
    }
    if (BigEndian.get16(frame, message + Icmp.TYPE) != Icmp.ECHO_REQUEST << 8) {
      counters.count(NatCounter.UNSUPPORTED);
      return true;
    }
    if (NatNetwork.isOurs(destination)) {
      reply(frame, message, lengthBytes, source, destination);
      return true;
    }
    if (reachability.target(destination, ANY_PORT) == null) {
      counters.count(NatCounter.REFUSED);
      return false;
    }
    if (!relay.isPossible()) {
      counters.count(NatCounter.UNSUPPORTED);
      return false;
    }
    relay.ask(frame, message, lengthBytes, source, destination);
    return true;
  }

  private void reply(byte[] frame, int message, int lengthBytes, int source, int destination) {
    byte[] reply = guests.frame;
    System.arraycopy(frame, message, reply, GuestSide.PAYLOAD, lengthBytes);
    BigEndian.put32(reply, GuestSide.PAYLOAD + Icmp.TYPE, 0);
    long sum = InternetChecksum.sum(0, reply, GuestSide.PAYLOAD, lengthBytes);
    BigEndian.put16(reply, GuestSide.PAYLOAD + Icmp.CHECKSUM, InternetChecksum.of(sum));
    guests.sendPacket(guests.neighbour(source), Ipv4.ICMP, destination, source, lengthBytes);
  }
}
