package dev.ringzero.devices.serial;

/** The side of a terminal line that leads to the host, whatever the guest sees of it. */
public interface ConsolePort {
  /**
   * Takes what was typed.
   *
   * @return how many bytes there was room for
   */
  int receive(byte[] data, int offset, int length);

  /** Takes a break condition; where a line has none, nothing happens. */
  default void receiveBreak() {}

  /** The sink that refused output has room again. */
  void resumeOutput();

  /** Sets who is told, with no lock held, when there may be room for input. */
  void onInputSpace(Runnable listener);
}
