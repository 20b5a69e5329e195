package dev.ringzero.network.nat;

import dev.ringzero.network.frame.Ipv4;

/** The addresses of the network behind a NAT: 10.0.2.0/24. */
final class NatNetwork {
  static final int PREFIX = Ipv4.address(10, 0, 2, 0);
  static final int MASK = Ipv4.address(255, 255, 255, 0);
  static final int BROADCAST = PREFIX | ~MASK;
  static final int GATEWAY = Ipv4.address(10, 0, 2, 2);
  static final int NAME_SERVER = Ipv4.address(10, 0, 2, 3);
  static final int FIRST_GUEST = Ipv4.address(10, 0, 2, 15);
  static final int LAST_GUEST = Ipv4.address(10, 0, 2, 254);
  static final long GATEWAY_MAC = 0x52_55_0A_00_02_02L;
  static final int MTU = 1500;

  private NatNetwork() {}

  static boolean contains(int ip) {
    return (ip & MASK) == PREFIX;
  }

  /** Whether a guest may have that address. */
  static boolean isGuest(int ip) {
    return contains(ip) && ip != PREFIX && ip != BROADCAST && ip != GATEWAY && ip != NAME_SERVER;
  }

  /** Whether a packet for that address is for many, so that nobody answers errors. */
  static boolean isBroadcast(int ip) {
    return ip == -1 || ip == BROADCAST || ip >>> 28 == 0xE;
  }

  static boolean isOurs(int ip) {
    return ip == GATEWAY || ip == NAME_SERVER;
  }
}
