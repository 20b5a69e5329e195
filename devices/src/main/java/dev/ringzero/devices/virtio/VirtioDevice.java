package dev.ringzero.devices.virtio;

import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/**
 * What a kind of virtio device does; how the guest reaches it is the transport's. A device reads
 * and writes guest memory only between {@link #activate} and {@link #reset}, and only inside {@link
 * #process} or while it holds {@link VirtioTransport#enter}.
 */
public interface VirtioDevice {
  VirtioType type();

  /** Features of this device type that are offered. */
  long features();

  /** The largest size of each queue, a power of two up to 32768; its length is their number. */
  int[] queueSizes();

  /** Gives the device its transport, once and before anything else. */
  void connect(VirtioTransport transport);

  /** Length of the device's configuration space in bytes. */
  int configBytes();

  /** Reads configuration space; within it, by a vCPU's thread. */
  long readConfig(int offset, int sizeBytes);

  /** Writes configuration space; within it, by a vCPU's thread. */
  default void writeConfig(int offset, int sizeBytes, long value) {}

  /** The driver is ready, with these features. Must not block. */
  default void activate(long features) {}

  /**
   * Does a bounded piece of the work in a queue that the driver made ready. Steps of one queue
   * never overlap; those of two queues may.
   *
   * @return whether there may be more to do
   */
  boolean process(int index, Virtqueue queue);

  /** Forgets what the driver set up. Nothing is being processed, nothing is in flight. */
  default void reset() {}

  /** Saves what is the device's own, apart from transport and queues. */
  default void save(StateWriter out) {}

  default void restore(StateReader in) {}
}
