package dev.ringzero.devices.igb;

/**
 * Receive-side scaling: a hash of a frame's flow, and the queue that the redirection table gives
 * it. Not thread-safe: each receiving agent has its own.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Receive-Side Scaling (RSS)"
 */
final class FlowHash {
  private static final int ENABLED_MODES = 1 << 2 | 1 << 5; // MRQC: RSS, and pools with RSS
  private static final int MODE = 7; // MRQC
  private static final int TCP_IPV4 = 1 << 16; // MRQC
  private static final int IPV4 = 1 << 17; // MRQC
  private static final int IPV6 = 1 << 20; // MRQC
  private static final int TCP_IPV6 = 1 << 21; // MRQC
  private static final int UDP_IPV4 = 1 << 22; // MRQC
  private static final int UDP_IPV6 = 1 << 23; // MRQC
  private static final int ANY_IPV6 = IPV6 | 1 << 19; // MRQC: with extensions or without
  private static final int ANY_TCP_IPV6 = TCP_IPV6 | 1 << 18; // MRQC

  private static final int TYPE_TCP_IPV4 = 1;
  private static final int TYPE_IPV4 = 2;
  private static final int TYPE_TCP_IPV6 = 3;
  private static final int TYPE_IPV6 = 5;
  private static final int TYPE_UDP_IPV4 = 7;
  private static final int TYPE_UDP_IPV6 = 8;

  private static final int KEY_BYTES = 40;
  private static final int TABLE = 128;
  private static final int PORTS_BYTES = 4;

  private final RegisterFile registers;

  /** What kind of hash it is, as descriptors say; 0 for none. */
  int type;

  int value;

  FlowHash(RegisterFile registers) {
    this.registers = registers;
  }

  boolean isEnabled() {
    return (ENABLED_MODES >>> (registers.get(Register.MRQC) & MODE) & 1) != 0;
  }

  /** Works out type and value for a frame. */
  void of(FrameHeaders frame) {
    type = isEnabled() ? typeOf(frame, registers.get(Register.MRQC)) : 0;
    value = 0;
    if (type == 0) {
      return;
    }
    int addresses = frame.isIpv4 ? 8 : 32;
    int from = frame.network + (frame.isIpv4 ? 12 : 8);
    boolean ports = type != TYPE_IPV4 && type != TYPE_IPV6;
    value = toeplitz(frame, from, addresses, 0);
    if (ports) {
      value ^= toeplitz(frame, frame.transport, PORTS_BYTES, addresses);
    }
  }

  private static int typeOf(FrameHeaders frame, int control) {
    boolean tcp = frame.protocol == FrameHeaders.TCP;
    boolean udp = frame.protocol == FrameHeaders.UDP;
    if (frame.isIpv4) {
      return tcp && (control & TCP_IPV4) != 0
          ? TYPE_TCP_IPV4
          : udp && (control & UDP_IPV4) != 0
              ? TYPE_UDP_IPV4
              : (control & IPV4) != 0 ? TYPE_IPV4 : 0;
    }
    if (frame.isIpv6) {
      return tcp && (control & ANY_TCP_IPV6) != 0
          ? TYPE_TCP_IPV6
          : udp && (control & UDP_IPV6) != 0
              ? TYPE_UDP_IPV6
              : (control & ANY_IPV6) != 0 ? TYPE_IPV6 : 0;
    }
    return 0;
  }

  private int toeplitz(FrameHeaders frame, int from, int count, int keyByte) {
    int hash = 0;
    for (int i = 0; i < count; i++) {
      int data = frame.get8(from + i);
      long window = window(keyByte + i);
      for (int bit = 7; bit >= 0; bit--) {
        hash ^= (data >>> bit & 1) != 0 ? (int) (window >>> bit + 1) : 0;
      }
    }
    return hash;
  }

  /** The key's 40 bits from a byte on. */
  private long window(int keyByte) {
    long window = 0;
    for (int i = 0; i < 5; i++) {
      int at = (keyByte + i) % KEY_BYTES;
      window = window << 8 | registers.get(Register.RSSRK + at) >>> 8 * (at & 3) & 0xFF;
    }
    return window;
  }

  /** What the redirection table says for the value. */
  int redirected() {
    int index = value & TABLE - 1;
    return registers.get(Register.RETA + index) >>> 8 * (index & 3) & 0xF;
  }
}
