package dev.ringzero.devices.virtio.pci;

import dev.ringzero.devices.virtio.queue.QueueLayout;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.memory.DmaMemory;

/** What the driver said about one queue, and the queue once it is enabled. */
final class QueueRegisters {
  static final int NO_VECTOR = 0xFFFF; // VIRTIO_MSI_NO_VECTOR

  final int largestSize;
  int size;
  int vector;
  long descriptors;
  long driverArea;
  long deviceArea;

  /** Null until the driver enables it. */
  Virtqueue queue;

  QueueRegisters(int largestSize) {
    this.largestSize = largestSize;
    reset();
  }

  void reset() {
    size = largestSize;
    vector = NO_VECTOR;
    descriptors = 0;
    driverArea = 0;
    deviceArea = 0;
    queue = null;
  }

  /** Enables the queue; returns what is wrong with where it is, or null. */
  String enable(DmaMemory memory, long features) {
    QueueLayout layout = new QueueLayout(size, descriptors, driverArea, deviceArea, features);
    String complaint = Virtqueue.complaint(memory, layout);
    if (complaint == null) {
      queue = Virtqueue.at(memory, layout);
    }
    return complaint;
  }

  void save(StateWriter out) {
    out.writeInt(size);
    out.writeInt(vector);
    out.writeLong(descriptors);
    out.writeLong(driverArea);
    out.writeLong(deviceArea);
    out.writeBoolean(queue != null);
    if (queue != null) {
      queue.save(out);
    }
  }

  void restore(StateReader in, DmaMemory memory, long features) {
    reset();
    size = in.readInt();
    if (size < 0 || size > largestSize) {
      throw new StateException("a virtqueue of " + size + " descriptors");
    }
    vector = in.readInt() & 0xFFFF;
    descriptors = in.readLong();
    driverArea = in.readLong();
    deviceArea = in.readLong();
    if (in.readBoolean()) {
      String complaint = enable(memory, features);
      if (complaint != null) {
        throw new StateException(complaint);
      }
      queue.restore(in);
    }
  }
}
