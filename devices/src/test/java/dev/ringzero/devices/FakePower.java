package dev.ringzero.devices;

import dev.ringzero.devices.power.PowerControl;

/** A power supply that counts what it was asked for. */
public final class FakePower implements PowerControl {
  private int powerOffs;
  private int resets;

  @Override
  public void powerOff() {
    powerOffs++;
  }

  @Override
  public void reset() {
    resets++;
  }

  public int powerOffs() {
    return powerOffs;
  }

  public int resets() {
    return resets;
  }
}
