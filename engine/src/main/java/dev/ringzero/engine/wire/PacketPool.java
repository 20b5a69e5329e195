package dev.ringzero.engine.wire;

/** Packets that are not in use, by size. A packet that never comes back is garbage, no more. */
final class PacketPool {
  private static final int[] FRAME_BYTES = {2048, 9216, Packet.MOST_FRAME_BYTES};
  private static final int[] MOST_KEPT = {4096, 256, 128};
  private static final PacketPool[] POOLS = new PacketPool[FRAME_BYTES.length];

  static {
    for (int i = 0; i < POOLS.length; i++) {
      POOLS[i] = new PacketPool(FRAME_BYTES[i], MOST_KEPT[i]);
    }
  }

  private final int frameBytes;
  private final Packet[] free;
  private int count;

  private PacketPool(int frameBytes, int most) {
    this.frameBytes = frameBytes;
    free = new Packet[most];
  }

  static Packet take(int lengthBytes) {
    if (lengthBytes < 0 || lengthBytes > Packet.MOST_FRAME_BYTES) {
      throw new IllegalArgumentException("a frame of " + lengthBytes + " bytes");
    }
    for (PacketPool pool : POOLS) {
      if (lengthBytes <= pool.frameBytes) {
        return pool.take();
      }
    }
    throw new IllegalStateException();
  }

  static void give(Packet packet) {
    for (PacketPool pool : POOLS) {
      if (packet.capacity() == pool.frameBytes) {
        pool.keep(packet);
        return;
      }
    }
  }

  private Packet take() {
    synchronized (this) {
      if (count > 0) {
        Packet packet = free[--count];
        free[count] = null;
        return packet;
      }
    }
    return new Packet(frameBytes);
  }

  private synchronized void keep(Packet packet) {
    if (count < free.length) {
      free[count++] = packet;
    }
  }
}
