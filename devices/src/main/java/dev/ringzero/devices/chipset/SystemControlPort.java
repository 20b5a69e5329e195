package dev.ringzero.devices.chipset;

import dev.ringzero.devices.power.PowerControl;
import dev.ringzero.memory.BytePortDevice;

/**
 * System Control Port A: fast reset, and the gate of address line 20, which is always open here.
 *
 * @spec IBM PS/2 Hardware Interface Technical Reference, "System Control Port A"
 */
public final class SystemControlPort implements BytePortDevice {
  public static final int PORT = 0x92;

  private static final int FAST_RESET = 1 << 0;
  private static final int A20 = 1 << 1;

  private final PowerControl power;

  public SystemControlPort(PowerControl power) {
    this.power = power;
  }

  @Override
  public int readByte(int offset) {
    return A20;
  }

  @Override
  public void writeByte(int offset, int value) {
    if ((value & FAST_RESET) != 0) {
      power.reset();
    }
  }
}
