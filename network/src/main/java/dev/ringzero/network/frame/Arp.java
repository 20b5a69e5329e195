package dev.ringzero.network.frame;

/**
 * An address resolution packet for IPv4 over Ethernet, by offset from its start.
 *
 * @spec RFC 826, "Packet format"
 */
public final class Arp {
  public static final int HARDWARE_TYPE = 0;
  public static final int PROTOCOL_TYPE = 2;
  public static final int HARDWARE_LENGTH = 4;
  public static final int PROTOCOL_LENGTH = 5;
  public static final int OPERATION = 6;
  public static final int SENDER_MAC = 8;
  public static final int SENDER_IP = 14;
  public static final int TARGET_MAC = 18;
  public static final int TARGET_IP = 24;
  public static final int BYTES = 28;

  public static final int ETHERNET = 1;
  public static final int REQUEST = 1;
  public static final int REPLY = 2;

  private Arp() {}
}
