package dev.ringzero.network.nat;

import static dev.ringzero.network.nat.Dhcp.*;

import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.frame.Ipv4;
import dev.ringzero.network.frame.Udp;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Gives addresses to guests: the first gets 10.0.2.15, and each keeps its address as long as the
 * network exists.
 *
 * <p>Not modelled: release and decline, client identifiers other than the MAC.
 *
 * @spec RFC 2131, "The Client-Server Protocol"
 */
final class DhcpServer {
  private static final int MESSAGE = GuestSide.PAYLOAD + Udp.HEADER_BYTES;
  private static final int A_DAY_IN_SECONDS = 86_400;

  private final GuestSide guests;
  private final NatCounters counters;
  private final Map<Long, Integer> leases = new HashMap<>();

  DhcpServer(GuestSide guests, NatCounters counters) {
    this.guests = guests;
    this.counters = counters;
  }

  void input(byte[] frame, int message, int lengthBytes) {
    if (lengthBytes < OPTIONS
        || BigEndian.get8(frame, message + OP) != BOOT_REQUEST
        || BigEndian.get16(frame, message + HARDWARE_TYPE) != 0x0106
        || BigEndian.get32(frame, message + COOKIE) != MAGIC_COOKIE) {
      counters.count(NatCounter.MALFORMED);
      return;
    }
    int end = message + lengthBytes;
    int type = option(frame, message, end, MESSAGE_TYPE, 1, 0);
    long mac = BigEndian.get48(frame, message + CLIENT_MAC);
    switch (type) {
      case DISCOVER -> offer(frame, message, mac);
      case REQUEST -> request(frame, message, end, mac);
      case INFORM -> reply(frame, message, mac, ACK, 0);
      default -> counters.count(NatCounter.UNSUPPORTED);
    }
  }

  private void offer(byte[] frame, int message, long mac) {
    int ip = lease(mac);
    if (ip != 0) {
      reply(frame, message, mac, OFFER, ip);
    }
  }

  private void request(byte[] frame, int message, int end, long mac) {
    int server = option(frame, message, end, SERVER_IDENTIFIER, 4, NatNetwork.GATEWAY);
    if (server != NatNetwork.GATEWAY) {
      return;
    }
    int current = BigEndian.get32(frame, message + CLIENT_IP);
    int wanted = option(frame, message, end, REQUESTED_IP, 4, current);
    int ip = lease(mac);
    if (ip == 0 || ip != wanted) {
      reply(frame, message, mac, NAK, 0);
      return;
    }
    guests.learn(ip, mac);
    reply(frame, message, mac, ACK, ip);
  }

  private int lease(long mac) {
    Integer known = leases.get(mac);
    if (known != null) {
      return known;
    }
    int ip = NatNetwork.FIRST_GUEST + leases.size();
    if (ip > NatNetwork.LAST_GUEST || Ethernet.isGroup(mac)) {
      counters.count(NatCounter.REFUSED);
      return 0;
    }
    leases.put(mac, ip);
    return ip;
  }

  /** The value of an option of one or four bytes, or {@code otherwise}. */
  private static int option(
      byte[] frame, int message, int end, int code, int lengthBytes, int otherwise) {
    int at = message + OPTIONS;
    while (at < end) {
      int kind = BigEndian.get8(frame, at);
      if (kind == END) {
        break;
      }
      if (kind == PAD) {
        at++;
        continue;
      }
      int length = at + 1 < end ? BigEndian.get8(frame, at + 1) : end;
      if (length > end - at - 2) {
        break;
      }
      if (kind == code && length == lengthBytes) {
        return length == 1 ? BigEndian.get8(frame, at + 2) : BigEndian.get32(frame, at + 2);
      }
      at += 2 + length;
    }
    return otherwise;
  }

  private void reply(byte[] request, int message, long mac, int type, int ip) {
    byte[] frame = guests.frame;
    Arrays.fill(frame, MESSAGE, MESSAGE + OPTIONS, (byte) 0);
    System.arraycopy(request, message + TRANSACTION, frame, MESSAGE + TRANSACTION, 4);
    System.arraycopy(request, message + FLAGS, frame, MESSAGE + FLAGS, 2);
    System.arraycopy(request, message + RELAY_IP, frame, MESSAGE + RELAY_IP, 4);
    BigEndian.put32(frame, MESSAGE + OP, BOOT_REPLY << 24 | 0x0106_00);
    int current = type == NAK ? 0 : BigEndian.get32(request, message + CLIENT_IP);
    BigEndian.put32(frame, MESSAGE + CLIENT_IP, current);
    BigEndian.put32(frame, MESSAGE + YOUR_IP, ip);
    BigEndian.put32(frame, MESSAGE + SERVER_IP, NatNetwork.GATEWAY);
    BigEndian.put48(frame, MESSAGE + CLIENT_MAC, mac);
    BigEndian.put32(frame, MESSAGE + COOKIE, MAGIC_COOKIE);
    int at = MESSAGE + OPTIONS;
    frame[at++] = MESSAGE_TYPE;
    frame[at++] = 1;
    frame[at++] = (byte) type;
    at = put(frame, at, SERVER_IDENTIFIER, NatNetwork.GATEWAY);
    if (type != NAK) {
      at = parameters(frame, at, ip != 0);
    }
    frame[at++] = (byte) END;
    boolean known = current != 0 && NatNetwork.isGuest(current);
    int to = known ? current : Ipv4.BROADCAST;
    long toMac = known ? mac : Ethernet.BROADCAST;
    guests.sendDatagram(toMac, NatNetwork.GATEWAY, SERVER_PORT, to, CLIENT_PORT, at - MESSAGE);
  }

  private static int parameters(byte[] frame, int from, boolean withLease) {
    int at = from;
    if (withLease) {
      at = put(frame, at, LEASE_SECONDS, A_DAY_IN_SECONDS);
    }
    at = put(frame, at, SUBNET_MASK, NatNetwork.MASK);
    at = put(frame, at, ROUTER, NatNetwork.GATEWAY);
    at = put(frame, at, NAME_SERVER, NatNetwork.NAME_SERVER);
    return put(frame, at, BROADCAST, NatNetwork.BROADCAST);
  }

  private static int put(byte[] frame, int at, int code, int value) {
    frame[at] = (byte) code;
    frame[at + 1] = 4;
    BigEndian.put32(frame, at + 2, value);
    return at + 6;
  }
}
