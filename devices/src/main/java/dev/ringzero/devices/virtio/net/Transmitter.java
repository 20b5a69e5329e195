package dev.ringzero.devices.virtio.net;

import static dev.ringzero.devices.virtio.net.NetProtocol.*;

import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.memory.GuestMemory;

/** Sends the driver's frames onto the wire. */
final class Transmitter {
  private static final int FRAMES_A_STEP = 64;
  private static final int LEAST_FRAME_BYTES = 14;

  private final FrameWire wire;
  private final NetCounters counters;
  private final byte[] packet = new byte[HEADER_BYTES + VirtioNet.MOST_FRAME_BYTES];
  private DescriptorChain chain;

  Transmitter(FrameWire wire, NetCounters counters) {
    this.wire = wire;
    this.counters = counters;
  }

  void connect(GuestMemory memory) {
    chain = new DescriptorChain(memory);
  }

  /** Whether there may be more to do. */
  boolean step(Virtqueue queue) {
    queue.beginTaking();
    for (int i = 0; i < FRAMES_A_STEP; i++) {
      if (!queue.take(chain)) {
        return queue.endTaking();
      }
      (send() ? counters.sent : counters.sendDrops).getAndIncrement();
      queue.complete(chain, 0);
    }
    return true;
  }

  private boolean send() {
    long length = chain.readableBytes();
    if (length < HEADER_BYTES + LEAST_FRAME_BYTES || length > packet.length) {
      return false;
    }
    chain.read(0, packet, 0, (int) length);
    boolean incomplete = (packet[FLAGS] & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
    if (packet[GSO_TYPE] != VIRTIO_NET_HDR_GSO_NONE
        || incomplete && !ChecksumCompletion.complete(packet, (int) length)) {
      return false;
    }
    wire.send(packet, HEADER_BYTES, (int) length - HEADER_BYTES);
    return true;
  }
}
