package dev.ringzero.devices.virtio.net;

import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.engine.wire.Wire;
import dev.ringzero.memory.DmaMemory;

/** Sends the frames of one of the driver's queues onto the wire. */
final class Transmitter {
  private static final int PACKETS_A_STEP = 64;
  private static final int ETHERNET_BYTES = 14;
  private static final int TAG_BYTES = 4;

  private final int pair;
  private final int mostFrameBytes;
  private final Wire wire;
  private final Steering steering;
  private final NetCounters counters;
  private DescriptorChain chain;

  Transmitter(int pair, int mtu, Wire wire, Steering steering, NetCounters counters) {
    this.pair = pair;
    this.mostFrameBytes = ETHERNET_BYTES + TAG_BYTES + mtu;
    this.wire = wire;
    this.steering = steering;
    this.counters = counters;
  }

  void connect(DmaMemory memory) {
    chain = new DescriptorChain(memory);
  }

  /** Whether there may be more to do. */
  boolean step(Virtqueue queue, boolean checksums, boolean segments) {
    queue.beginTaking();
    for (int i = 0; i < PACKETS_A_STEP; i++) {
      if (!queue.take(chain)) {
        return queue.endTaking();
      }
      (send(checksums, segments) ? counters.sent : counters.sendDrops).getAndIncrement();
      queue.complete(chain, 0);
    }
    return true;
  }

  private boolean send(boolean checksums, boolean segments) {
    long length = chain.readableBytes() - Packet.FRAME;
    if (length < ETHERNET_BYTES || length > Packet.MOST_FRAME_BYTES) {
      return false;
    }
    Packet packet = Packet.take((int) length);
    byte[] bytes = packet.bytes();
    chain.read(0, bytes, 0, Packet.FRAME + (int) length);
    bytes[Packet.FLAGS] &= checksums ? Packet.NEEDS_CHECKSUM : 0;
    boolean whole = packet.segmentation() == Packet.SEGMENTATION_NONE;
    boolean right = whole ? length <= mostFrameBytes : segments;
    if (!right) {
      packet.release();
      return false;
    }
    steering.learn(packet, pair);
    counters.sentBytes.getAndAdd(length);
    wire.send(packet);
    return true;
  }
}
