package dev.ringzero.devices.virtio.net;

import static dev.ringzero.devices.virtio.net.NetProtocol.*;

import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.memory.DmaMemory;
import java.util.Arrays;

/** Puts frames from the wire into the buffers of one queue. A frame without buffers waits. */
final class Receiver {
  private static final int PACKETS_A_STEP = 64;

  /** Enough for the longest packet in buffers of 1500 bytes. */
  private static final int MOST_BUFFERS = 64;

  /** What became of the packet at hand. */
  private enum Outcome {
    DELIVERED,
    TOO_LONG,
    NO_BUFFERS
  }

  private final int pair;
  private final Steering steering;
  private final ReceiveFilter filter;
  private final NetCounters counters;
  private final DescriptorChain[] chains = new DescriptorChain[MOST_BUFFERS];
  private final int[] writtenBytes = new int[MOST_BUFFERS];
  private final byte[] header = new byte[Packet.FRAME];

  /** The packet at hand, or null. */
  private Packet packet;

  Receiver(int pair, Steering steering, ReceiveFilter filter, NetCounters counters) {
    this.pair = pair;
    this.steering = steering;
    this.filter = filter;
    this.counters = counters;
  }

  void connect(DmaMemory memory) {
    Arrays.setAll(chains, i -> new DescriptorChain(memory));
  }

  void reset() {
    if (packet != null) {
      packet.release();
      packet = null;
    }
  }

  /** Whether there may be more to do. */
  boolean step(Virtqueue queue, boolean mergeable) {
    steering.distribute(pair);
    queue.beginTaking();
    for (int i = 0; i < PACKETS_A_STEP; i++) {
      if (packet == null && !next()) {
        return false;
      }
      Outcome outcome = deliver(queue, mergeable ? MOST_BUFFERS : 1);
      if (outcome == Outcome.NO_BUFFERS) {
        return queue.endTaking() && queue.misuse() == null;
      }
      count(outcome);
      packet.release();
      packet = null;
    }
    return true;
  }

  private void count(Outcome outcome) {
    if (outcome == Outcome.DELIVERED) {
      counters.received.getAndIncrement();
      counters.receivedBytes.getAndAdd(packet.length());
    } else {
      counters.receiveDrops.getAndIncrement();
    }
  }

  private boolean next() {
    packet = steering.next(pair);
    while (packet != null && !filter.passes(packet)) {
      packet.release();
      packet = steering.next(pair);
    }
    return packet != null;
  }

  private Outcome deliver(Virtqueue queue, int mostBuffers) {
    int length = Packet.FRAME + packet.length();
    long room = 0;
    int taken = 0;
    while (room < length && taken < mostBuffers) {
      if (!queue.take(chains[taken])) {
        putBack(queue, taken);
        return Outcome.NO_BUFFERS;
      }
      room += chains[taken++].writableBytes();
    }
    if (room < length || chains[0].writableBytes() < Packet.FRAME) {
      putBack(queue, taken);
      return Outcome.TOO_LONG;
    }
    System.arraycopy(packet.bytes(), 0, header, 0, Packet.BUFFERS);
    header[Packet.BUFFERS] = (byte) taken;
    chains[0].write(0, header, 0, Packet.FRAME);
    int done = Packet.FRAME;
    for (int i = 0; i < taken; i++) {
      int from = i == 0 ? Packet.FRAME : 0;
      int written = chains[i].write(from, packet.bytes(), done, length - done);
      writtenBytes[i] = from + written;
      done += written;
    }
    queue.complete(chains, writtenBytes, taken);
    return Outcome.DELIVERED;
  }

  private void putBack(Virtqueue queue, int taken) {
    for (int i = taken - 1; i >= 0; i--) {
      queue.putBack(chains[i]);
    }
  }
}
