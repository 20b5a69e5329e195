package dev.ringzero.network.frame;

/**
 * The header of a UDP datagram.
 *
 * @spec RFC 768, "Format"
 */
public final class Udp {
  public static final int SOURCE_PORT = 0;
  public static final int DESTINATION_PORT = 2;
  public static final int LENGTH = 4;
  public static final int CHECKSUM = 6;
  public static final int HEADER_BYTES = 8;

  private Udp() {}
}
