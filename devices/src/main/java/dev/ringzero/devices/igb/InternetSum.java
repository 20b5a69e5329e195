package dev.ringzero.devices.igb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Checksums of IP, TCP, UDP and SCTP. Offsets count from an array's start.
 *
 * @spec RFC 1071, "Computing the Internet Checksum"; RFC 9260, "CRC32c Checksum Calculation"
 */
final class InternetSum {
  private static final int IPV4_SOURCE = 12;
  private static final int IPV6_SOURCE = 8;
  private static final int SCTP_FIELD = 8;

  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private InternetSum() {}

  /** Adds up 16-bit words; an odd last byte counts as if a zero followed. */
  static long sum(long start, byte[] bytes, int from, int to) {
    long sum = start;
    int at = from;
    for (; at + 4 <= to; at += 4) {
      sum += (int) WORDS.get(bytes, at) & 0xFFFF_FFFFL;
    }
    if (at + 2 <= to) {
      sum += (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
      at += 2;
    }
    return at < to ? sum + ((bytes[at] & 0xFF) << 8) : sum;
  }

  static int fold(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xFFFF) + (folded >>> 16);
    }
    return (int) folded;
  }

  /** The sum of the pseudo header. */
  static long pseudo(byte[] bytes, int network, boolean ipv4, int protocol, int lengthBytes) {
    int source = network + (ipv4 ? IPV4_SOURCE : IPV6_SOURCE);
    return sum(protocol + (long) lengthBytes, bytes, source, source + (ipv4 ? 8 : 32));
  }

  /** The checksum of an SCTP packet, as it lies in the packet. */
  static int sctp(byte[] bytes, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, SCTP_FIELD);
    crc.update(new byte[4], 0, 4);
    crc.update(bytes, from + SCTP_FIELD + 4, to - from - SCTP_FIELD - 4);
    return Integer.reverseBytes((int) crc.getValue());
  }

  static void put16(byte[] bytes, int at, int value) {
    bytes[at] = (byte) (value >>> 8);
    bytes[at + 1] = (byte) value;
  }

  static void put32(byte[] bytes, int at, int value) {
    WORDS.set(bytes, at, value);
  }

  static int get32(byte[] bytes, int at) {
    return (int) WORDS.get(bytes, at);
  }
}
