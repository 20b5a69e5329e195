package dev.ringzero.network.frame;

/**
 * The header of an IPv4 packet, by offset from its start. Addresses are ints.
 *
 * @spec RFC 791, "Internet Header Format"
 */
public final class Ipv4 {
  public static final int VERSION_LENGTH = 0;
  public static final int TOTAL_LENGTH = 2;
  public static final int IDENTIFICATION = 4;
  public static final int FRAGMENT = 6;
  public static final int TIME_TO_LIVE = 8;
  public static final int PROTOCOL = 9;
  public static final int CHECKSUM = 10;
  public static final int SOURCE = 12;
  public static final int DESTINATION = 16;
  public static final int HEADER_BYTES = 20;

  public static final int DONT_FRAGMENT = 1 << 14;
  public static final int MORE_FRAGMENTS = 1 << 13;
  public static final int FRAGMENT_OFFSET = (1 << 13) - 1;

  public static final int ICMP = 1;
  public static final int TCP = 6;
  public static final int UDP = 17;

  public static final int BROADCAST = -1;

  private Ipv4() {}

  /** An address from its four parts. */
  public static int address(int a, int b, int c, int d) {
    return a << 24 | b << 16 | c << 8 | d;
  }

  /** The address as Java's classes take it. */
  public static byte[] bytes(int address) {
    byte[] bytes = new byte[4];
    BigEndian.put32(bytes, 0, address);
    return bytes;
  }
}
