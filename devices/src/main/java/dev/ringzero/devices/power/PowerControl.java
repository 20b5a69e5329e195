package dev.ringzero.devices.power;

/** What a board can ask of its power supply. Any thread; returns at once. */
public interface PowerControl {
  /** Switches the machine off. */
  void powerOff();

  /** Resets the machine. */
  void reset();
}
