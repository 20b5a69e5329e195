package dev.ringzero.devices.igb;

import dev.ringzero.memory.DmaMemory;

/** A function as the controller sees it: whose memory its queues lie in, who is interrupted. */
interface FunctionSide {
  /** Nobody: a function that is not there. */
  FunctionSide NOBODY =
      new FunctionSide() {
        @Override
        public DmaMemory memory() {
          return null;
        }

        @Override
        public void signal(int vector) {}

        @Override
        public void wakeTransmitter() {}

        @Override
        public void wakeReceiver() {}
      };

  /** Memory that its DMA reaches now, or null if it must not reach any. */
  DmaMemory memory();

  /** Sends the message of an MSI-X vector. */
  void signal(int vector);

  /** Counts a doorbell that its driver rang. */
  default void rang() {}

  /** Follows the one interrupt of a driver that does not use MSI-X vectors. */
  default void followPin() {}

  /** Lets the queues of the function send. */
  void wakeTransmitter();

  /** Lets the queues of the function take what has arrived. */
  void wakeReceiver();
}
