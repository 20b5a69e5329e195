package dev.ringzero.network.nat;

/**
 * The format of DHCP messages, by offset from their start, and the options that matter here.
 *
 * @spec RFC 2131, "Protocol Summary"; RFC 2132, "BOOTP Extension/DHCP Option Field Format"
 */
final class Dhcp {
  static final int SERVER_PORT = 67;
  static final int CLIENT_PORT = 68;

  static final int OP = 0;
  static final int HARDWARE_TYPE = 1;
  static final int HARDWARE_LENGTH = 2;
  static final int TRANSACTION = 4;
  static final int FLAGS = 10;
  static final int CLIENT_IP = 12; // ciaddr
  static final int YOUR_IP = 16; // yiaddr
  static final int SERVER_IP = 20; // siaddr
  static final int RELAY_IP = 24; // giaddr
  static final int CLIENT_MAC = 28; // chaddr
  static final int COOKIE = 236;
  static final int OPTIONS = 240;

  static final int BOOT_REQUEST = 1;
  static final int BOOT_REPLY = 2;
  static final int MAGIC_COOKIE = 0x6382_5363;

  static final int PAD = 0;
  static final int SUBNET_MASK = 1;
  static final int ROUTER = 3;
  static final int NAME_SERVER = 6;
  static final int BROADCAST = 28;
  static final int REQUESTED_IP = 50;
  static final int LEASE_SECONDS = 51;
  static final int MESSAGE_TYPE = 53;
  static final int SERVER_IDENTIFIER = 54;
  static final int END = 255;

  static final int DISCOVER = 1;
  static final int OFFER = 2;
  static final int REQUEST = 3;
  static final int ACK = 5;
  static final int NAK = 6;
  static final int INFORM = 8;

  private Dhcp() {}
}
