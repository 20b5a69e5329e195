package dev.ringzero.devices.virtio.net;

import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.devices.virtio.queue.QueueLayout;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.memory.GuestMemory;

/** The driver's side of a split queue whose buffers are one descriptor each. */
final class TestQueue {
  static final int SIZE = 16;
  private static final int NEXT = 1;
  private static final int WRITE = 2;

  final Virtqueue device;
  private final GuestMemory memory;
  private final long base;
  private int available;
  private int used;

  TestQueue(GuestMemory memory, long base) {
    this.memory = memory;
    this.base = base;
    QueueLayout layout =
        new QueueLayout(SIZE, base, base + 0x400, base + 0x800, VirtioFeature.VIRTIO_F_VERSION_1);
    device = Virtqueue.at(memory, layout);
  }

  private long buffer(int id) {
    return base + 0x1000 + 0x1000L * id;
  }

  /** Gives the device bytes to read. */
  void give(byte[] bytes) {
    int id = available % SIZE;
    memory.write(buffer(id), bytes, 0, bytes.length);
    add(id, bytes.length, 0);
  }

  /** Gives the device room to write. */
  void giveRoom(int bytes) {
    add(available % SIZE, bytes, WRITE);
  }

  /** Gives the device bytes to read, and behind them room for a byte, in one buffer. */
  void ask(byte[] bytes) {
    int id = available % (SIZE - 1);
    int second = SIZE - 1;
    memory.write(buffer(id), bytes, 0, bytes.length);
    describe(second, 1, WRITE);
    memory.write16(base + 16L * id + 14, second);
    add(id, bytes.length, NEXT);
  }

  /** The byte that answers {@link #ask}. */
  int answer() {
    return (int) memory.read8(buffer(SIZE - 1));
  }

  private void describe(int id, int length, int flags) {
    memory.write64(base + 16L * id, buffer(id));
    memory.write32(base + 16L * id + 8, length);
    memory.write16(base + 16L * id + 12, flags);
  }

  private void add(int id, int length, int flags) {
    describe(id, length, flags);
    memory.write16(base + 0x400 + 4 + 2L * id, id);
    memory.write16(base + 0x400 + 2, ++available & 0xFFFF);
  }

  /** What the device wrote into the next buffer that it gave back; null if there is none. */
  byte[] take() {
    if ((int) memory.read16(base + 0x800 + 2) == (used & 0xFFFF)) {
      return null;
    }
    long entry = base + 0x800 + 4 + 8L * (used++ % SIZE);
    byte[] bytes = new byte[(int) memory.read32(entry + 4)];
    memory.read(buffer((int) memory.read32(entry)), bytes, 0, bytes.length);
    return bytes;
  }
}
