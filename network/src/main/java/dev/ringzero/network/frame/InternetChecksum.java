package dev.ringzero.network.frame;

/**
 * The checksum of IP, ICMP, UDP and TCP.
 *
 * @spec RFC 1071, "Computing the Internet Checksum"
 */
public final class InternetChecksum {
  private InternetChecksum() {}

  /** Adds up to a sum; an odd last byte counts as if a zero followed. */
  public static long sum(long start, byte[] bytes, int offset, int lengthBytes) {
    long sum = start;
    int at = offset;
    int end = offset + lengthBytes;
    for (; at + 4 <= end; at += 4) {
      sum += BigEndian.get32(bytes, at) & 0xFFFF_FFFFL;
    }
    if (at + 2 <= end) {
      sum += BigEndian.get16(bytes, at);
      at += 2;
    }
    return at < end ? sum + (BigEndian.get8(bytes, at) << 8) : sum;
  }

  /** The sum of the pseudo header of UDP and TCP. */
  public static long pseudoHeader(int source, int destination, int protocol, int lengthBytes) {
    return (source & 0xFFFF_FFFFL) + (destination & 0xFFFF_FFFFL) + protocol + lengthBytes;
  }

  /** What goes into the header for a sum; 0 for the sum of what is intact. */
  public static int of(long sum) {
    long folded = (sum & 0xFFFF_FFFFL) + (sum >>> 32);
    while (folded >>> 16 != 0) {
      folded = (folded & 0xFFFF) + (folded >>> 16);
    }
    return (int) ~folded & 0xFFFF;
  }
}
