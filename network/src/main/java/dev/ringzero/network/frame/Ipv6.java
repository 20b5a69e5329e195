package dev.ringzero.network.frame;

/**
 * The header of an IPv6 packet.
 *
 * @spec RFC 8200, "IPv6 Header Format"
 */
public final class Ipv6 {
  public static final int PAYLOAD_LENGTH = 4;
  public static final int NEXT_HEADER = 6;
  public static final int SOURCE = 8;
  public static final int DESTINATION = 24;
  public static final int ADDRESS_BYTES = 16;
  public static final int HEADER_BYTES = 40;

  private Ipv6() {}
}
