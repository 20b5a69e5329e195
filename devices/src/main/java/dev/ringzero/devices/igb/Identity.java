package dev.ringzero.devices.igb;

/** What the functions say they are. */
public final class Identity {
  static final int INTEL = 0x8086;
  static final int PHYSICAL = 0x10C9;
  static final int VIRTUAL = 0x10CA;
  static final int SUBSYSTEM = 0xA03C;
  static final int REVISION = 1;
  static final int ETHERNET = 0x020000;

  private Identity() {}
}
