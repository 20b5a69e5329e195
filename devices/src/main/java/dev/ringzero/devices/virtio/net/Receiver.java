package dev.ringzero.devices.virtio.net;

import static dev.ringzero.devices.virtio.net.NetProtocol.*;

import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.memory.GuestMemory;
import java.util.Arrays;

/** Puts frames from the wire into the driver's buffers. A frame for which there is none waits. */
final class Receiver {
  private static final int FRAMES_A_STEP = 64;
  private static final int MOST_BUFFERS = 32;

  /** What became of the frame at hand. */
  private enum Outcome {
    DELIVERED,
    TOO_LONG,
    NO_BUFFERS
  }

  private final FrameWire wire;
  private final NetCounters counters;
  private final DescriptorChain[] chains = new DescriptorChain[MOST_BUFFERS];
  private final byte[] frame = new byte[VirtioNet.MOST_FRAME_BYTES];
  private final byte[] packet = new byte[HEADER_BYTES + VirtioNet.MOST_FRAME_BYTES];

  /** Length of the packet at hand with its header, or 0. */
  private int length;

  Receiver(FrameWire wire, NetCounters counters) {
    this.wire = wire;
    this.counters = counters;
  }

  void connect(GuestMemory memory) {
    Arrays.setAll(chains, i -> new DescriptorChain(memory));
  }

  void reset() {
    length = 0;
  }

  /** Whether there may be more to do. */
  boolean step(Virtqueue queue, boolean mergeable) {
    queue.beginTaking();
    for (int i = 0; i < FRAMES_A_STEP; i++) {
      if (length == 0 && !next()) {
        return false;
      }
      Outcome outcome = deliver(queue, mergeable ? MOST_BUFFERS : 1);
      if (outcome == Outcome.NO_BUFFERS) {
        return queue.endTaking() && queue.misuse() == null;
      }
      (outcome == Outcome.DELIVERED ? counters.received : counters.receiveDrops).getAndIncrement();
      length = 0;
    }
    return true;
  }

  private boolean next() {
    int received = wire.receive(frame);
    if (received == 0) {
      return false;
    }
    System.arraycopy(frame, 0, packet, HEADER_BYTES, received);
    length = HEADER_BYTES + received;
    return true;
  }

  private Outcome deliver(Virtqueue queue, int mostBuffers) {
    long room = 0;
    int taken = 0;
    while (room < length && taken < mostBuffers) {
      if (!queue.take(chains[taken])) {
        putBack(queue, taken);
        return Outcome.NO_BUFFERS;
      }
      room += chains[taken++].writableBytes();
    }
    if (room < length || chains[0].writableBytes() < HEADER_BYTES) {
      putBack(queue, taken);
      return Outcome.TOO_LONG;
    }
    packet[NUM_BUFFERS] = (byte) taken;
    int done = 0;
    for (int i = 0; i < taken; i++) {
      int written = chains[i].write(0, packet, done, length - done);
      queue.complete(chains[i], written);
      done += written;
    }
    return Outcome.DELIVERED;
  }

  private void putBack(Virtqueue queue, int taken) {
    for (int i = taken - 1; i >= 0; i--) {
      queue.putBack(chains[i]);
    }
  }
}
