package dev.ringzero.devices.virtio;

import dev.ringzero.memory.DmaMemory;

/** What a device gets from its transport. Any thread may call. */
public interface VirtioTransport {
  DmaMemory memory();

  /** Lets {@link VirtioDevice#process} run for a queue. */
  void wake(int queue);

  /** Interrupts the driver for a queue, if it wants to hear of it now. */
  void signal(int queue);

  /** Tells the driver that configuration space changed. */
  void configChanged();

  /**
   * Begins work that goes on outside {@link VirtioDevice#process}, such as a request at the host.
   * Until the matching {@link #exit} a reset waits.
   *
   * @return false if there is to be none now
   */
  boolean enter();

  /** Ends what {@link #enter} began. */
  void exit();

  /** Stops the device until the driver resets it: the driver did what it must not do. */
  void misused(String how);
}
