package dev.ringzero.devices.virtio.queue;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/** The layout of a virtqueue in memory, as the device sees it. */
sealed interface Ring permits SplitRing, PackedRing {
  /** What {@link #take} found. */
  enum Taken {
    BUFFER,
    NOTHING,
    MISUSE
  }

  /** Takes the next available buffer. */
  Taken take(DescriptorChain chain);

  /** Puts the buffer that was taken last back, so that it comes again. */
  void putBack(DescriptorChain chain);

  /** Gives a buffer back to the driver. */
  void complete(DescriptorChain chain, long writtenBytes);

  /** Gives several buffers back at once: the driver sees all of them or none. */
  void complete(DescriptorChain[] chains, int[] writtenBytes, int count);

  /** Whether the driver wants to hear of the buffers given back since the last call. */
  boolean isSignalDue();

  /** Says whether the driver has to tell of new buffers. */
  void wantNotifications(boolean wanted);

  /** Whether a buffer can be taken. */
  boolean hasAvailable();

  /** What the driver did wrong, if {@link #take} said so. */
  String misuse();

  void save(StateWriter out);

  void restore(StateReader in);
}
