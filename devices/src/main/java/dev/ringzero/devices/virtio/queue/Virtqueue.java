package dev.ringzero.devices.virtio.queue;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.memory.DmaMemory;

/**
 * A queue that a driver made ready, from the device's side. Used by one thread at a time. Once the
 * driver broke a rule nothing can be taken any more, until the device is reset.
 */
public final class Virtqueue {
  private final Ring ring;
  private boolean broken;

  private Virtqueue(Ring ring) {
    this.ring = ring;
  }

  /** What is wrong with where a driver put a queue, or null. */
  public static String complaint(DmaMemory memory, QueueLayout layout) {
    return layout.complaint(memory);
  }

  /** The queue at a place about which there is no {@link #complaint}. */
  public static Virtqueue at(DmaMemory memory, QueueLayout layout) {
    return new Virtqueue(
        layout.isPacked() ? new PackedRing(memory, layout) : new SplitRing(memory, layout));
  }

  /** Takes the next buffer, if there is one. */
  public boolean take(DescriptorChain chain) {
    if (broken) {
      return false;
    }
    Ring.Taken taken = ring.take(chain);
    broken = taken == Ring.Taken.MISUSE;
    return taken == Ring.Taken.BUFFER;
  }

  /** Puts the buffer that was taken last back, so that it comes again. */
  public void putBack(DescriptorChain chain) {
    ring.putBack(chain);
  }

  /**
   * Gives a buffer back to the driver.
   *
   * @param writtenBytes how much of its writable part was written, from its start
   */
  public void complete(DescriptorChain chain, long writtenBytes) {
    ring.complete(chain, writtenBytes);
  }

  /**
   * Gives several buffers, at least one, back to the driver at once: it sees all of them or none.
   *
   * @param writtenBytes how much of each was written
   */
  public void complete(DescriptorChain[] chains, int[] writtenBytes, int count) {
    ring.complete(chains, writtenBytes, count);
  }

  /** Whether the driver wants an interrupt for what was given back since the last call. */
  public boolean isSignalDue() {
    return ring.isSignalDue();
  }

  /** While buffers are being taken the driver need not tell of new ones. */
  public void beginTaking() {
    ring.wantNotifications(false);
  }

  /**
   * Lets the driver tell of new buffers again.
   *
   * @return whether there are some already, of which it may not have told
   */
  public boolean endTaking() {
    ring.wantNotifications(true);
    return !broken && ring.hasAvailable();
  }

  /** What the driver did wrong, or null. */
  public String misuse() {
    return broken ? ring.misuse() : null;
  }

  /** Saves the position in the ring; nothing is taken and not given back. */
  public void save(StateWriter out) {
    out.writeBoolean(broken);
    ring.save(out);
  }

  public void restore(StateReader in) {
    broken = in.readBoolean();
    ring.restore(in);
  }
}
