package dev.ringzero.network.frame;

/**
 * The header of an ICMP message.
 *
 * @spec RFC 792, "Message Formats"
 */
public final class Icmp {
  public static final int TYPE = 0;
  public static final int CODE = 1;
  public static final int CHECKSUM = 2;
  public static final int IDENTIFIER = 4;
  public static final int SEQUENCE = 6;
  public static final int HEADER_BYTES = 8;

  public static final int ECHO_REPLY = 0;
  public static final int UNREACHABLE = 3;
  public static final int ECHO_REQUEST = 8;
  public static final int TIME_EXCEEDED = 11;

  public static final int HOST_UNREACHABLE = 1;
  public static final int PORT_UNREACHABLE = 3;
  public static final int PROHIBITED = 13;

  private Icmp() {}
}
