package dev.ringzero.engine;

/** Where message-signalled interrupts go. May be called from any thread. */
@FunctionalInterface
public interface MsiTarget {
  /**
   * Delivers a message.
   *
   * @param address guest-physical address of the write, in the 0xFEE00000 range
   * @param data the 32-bit message data
   */
  void send(long address, int data);
}
