package dev.ringzero.network.frame;

/**
 * The header of an Ethernet frame.
 *
 * @spec IEEE 802.3, "Frame format"; IEEE 802.1Q, "Tag format"
 */
public final class Ethernet {
  public static final int DESTINATION = 0;
  public static final int SOURCE = 6;
  public static final int TYPE = 12;
  public static final int HEADER_BYTES = 14;

  public static final int TAG = 12;
  public static final int TAG_BYTES = 4;

  public static final int IPV4 = 0x0800;
  public static final int ARP = 0x0806;
  public static final int VLAN = 0x8100;
  public static final int IPV6 = 0x86DD;

  public static final long BROADCAST = 0xFFFF_FFFF_FFFFL;
  private static final long GROUP = 1L << 40;

  private Ethernet() {}

  public static boolean isGroup(long mac) {
    return (mac & GROUP) != 0;
  }
}
