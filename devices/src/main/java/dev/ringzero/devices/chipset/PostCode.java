package dev.ringzero.devices.chipset;

import dev.ringzero.memory.BytePortDevice;

/** Port 0x80: takes POST codes, and is written by systems that only want to wait a moment. */
public final class PostCode implements BytePortDevice {
  public static final int PORT = 0x80;

  private volatile int last;

  /** The last code written. */
  public int last() {
    return last;
  }

  @Override
  public int readByte(int offset) {
    return last;
  }

  @Override
  public void writeByte(int offset, int value) {
    last = value;
  }
}
