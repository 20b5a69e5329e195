package dev.ringzero.devices.igb;

import dev.ringzero.engine.wire.Packet;
import java.util.Deque;

/**
 * Cuts a packet as the headers of a context say: TCP or UDP, behind an IP header that may be that
 * of a tunnel. The transport's checksum field holds the sum of a pseudo header without its length,
 * so that what lies between the headers need not be known.
 *
 * @param network where the IP header begins
 * @param transport where the header of TCP or UDP begins
 * @param headers where the payload begins
 * @param most bytes of payload in a packet
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Transmit Segmentation"
 */
record SegmentCutter(int network, int transport, int headers, int most, boolean ipv4, boolean tcp) {
  private static final int IPV4_LENGTH = 2;
  private static final int IPV4_IDENTIFICATION = 4;
  private static final int IPV4_CHECKSUM = 10;
  private static final int IPV6_LENGTH = 4;
  private static final int IPV6_BYTES = 40;
  private static final int SEQUENCE = 4;
  private static final int FLAGS = 13;
  private static final int FIN_AND_PSH = 1 << 0 | 1 << 3;
  private static final int CWR = 1 << 7;
  private static final int UDP_LENGTH = 4;
  private static final int TCP_CHECKSUM = 16;
  private static final int UDP_CHECKSUM = 6;
  private static final int ROOM = 64;

  /** Cuts a packet, and releases it. */
  void cut(Packet whole, Deque<Packet> pieces) {
    int payload = whole.length() - headers;
    int number = 0;
    for (int at = 0; at < payload || number == 0; at += most) {
      int length = Math.min(most, payload - at);
      pieces.add(piece(whole, at, length, number++, at + length >= payload));
    }
    whole.release();
  }

  private Packet piece(Packet whole, int at, int lengthBytes, int number, boolean last) {
    Packet piece = Packet.take(headers + lengthBytes + ROOM);
    piece.length(headers + lengthBytes);
    byte[] bytes = piece.bytes();
    int frame = Packet.FRAME;
    System.arraycopy(whole.bytes(), frame, bytes, frame, headers);
    System.arraycopy(whole.bytes(), frame + headers + at, bytes, frame + headers, lengthBytes);
    int segment = frame + transport;
    if (tcp) {
      int sequence = InternetSum.get32(bytes, segment + SEQUENCE);
      InternetSum.put32(bytes, segment + SEQUENCE, sequence + at);
      bytes[segment + FLAGS] &= (byte) ~((last ? 0 : FIN_AND_PSH) | (number == 0 ? 0 : CWR));
    } else {
      InternetSum.put16(bytes, segment + UDP_LENGTH, piece.length() - transport);
    }
    finishNetwork(bytes, piece.length() - network, number);
    finishTransport(bytes, segment, piece.length() - transport);
    return piece;
  }

  private void finishNetwork(byte[] bytes, int lengthBytes, int number) {
    int ip = Packet.FRAME + network;
    if (!ipv4) {
      InternetSum.put16(bytes, ip + IPV6_LENGTH, lengthBytes - IPV6_BYTES);
      return;
    }
    int identification = (bytes[ip + IPV4_IDENTIFICATION] & 0xFF) << 8;
    identification |= bytes[ip + IPV4_IDENTIFICATION + 1] & 0xFF;
    InternetSum.put16(bytes, ip + IPV4_LENGTH, lengthBytes);
    InternetSum.put16(bytes, ip + IPV4_IDENTIFICATION, identification + number);
    finishIpv4(bytes, ip, Packet.FRAME + transport);
  }

  /** Adds what the field holds, by which drivers take out what is no part of the header. */
  static void finishIpv4(byte[] bytes, int ip, int end) {
    long sum = InternetSum.sum(0, bytes, ip, end);
    InternetSum.put16(bytes, ip + IPV4_CHECKSUM, ~InternetSum.fold(sum) & 0xFFFF);
  }

  private void finishTransport(byte[] bytes, int segment, int lengthBytes) {
    long sum = InternetSum.sum(lengthBytes, bytes, segment, segment + lengthBytes);
    int checksum = ~InternetSum.fold(sum) & 0xFFFF;
    boolean zero = !tcp && checksum == 0;
    int field = segment + (tcp ? TCP_CHECKSUM : UDP_CHECKSUM);
    InternetSum.put16(bytes, field, zero ? 0xFFFF : checksum);
  }
}
