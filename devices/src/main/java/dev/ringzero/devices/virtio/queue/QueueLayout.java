package dev.ringzero.devices.virtio.queue;

import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.memory.DmaMemory;

/**
 * Where a driver put a queue.
 *
 * @param size number of descriptors
 * @param descriptors gpa of the Descriptor Area
 * @param driverArea gpa of what the driver writes: the available ring, or its event suppression
 * @param deviceArea gpa of what the device writes: the used ring, or its event suppression
 * @param features that were negotiated
 */
public record QueueLayout(
    int size, long descriptors, long driverArea, long deviceArea, long features) {
  private static final int EVENT_SUPPRESSION_BYTES = 4;
  private static final int RING_HEADER_BYTES = 4;
  private static final int EVENT_INDEX_BYTES = 2;

  boolean isPacked() {
    return has(VirtioFeature.VIRTIO_F_RING_PACKED);
  }

  boolean has(long feature) {
    return (features & feature) != 0;
  }

  /** What is wrong with the layout, or null. */
  String complaint(DmaMemory memory) {
    if (!isPacked() && Integer.bitCount(size) != 1) {
      return "a split queue of " + size + " descriptors";
    }
    boolean aligned =
        isAligned(descriptors, 16)
            && isAligned(driverArea, isPacked() ? 4 : 2)
            && isAligned(deviceArea, 4);
    if (!aligned) {
      return "a queue that is not aligned";
    }
    boolean inRam =
        memory.isRam(descriptors, (long) size * Descriptors.BYTES)
            && memory.isRam(driverArea, driverBytes())
            && memory.isRam(deviceArea, deviceBytes());
    return inRam ? null : "a queue outside RAM";
  }

  private static boolean isAligned(long gpa, int bytes) {
    return (gpa & bytes - 1) == 0;
  }

  private long driverBytes() {
    return isPacked() ? EVENT_SUPPRESSION_BYTES : RING_HEADER_BYTES + 2L * size + eventIndexBytes();
  }

  private long deviceBytes() {
    return isPacked() ? EVENT_SUPPRESSION_BYTES : RING_HEADER_BYTES + 8L * size + eventIndexBytes();
  }

  private int eventIndexBytes() {
    return has(VirtioFeature.VIRTIO_F_EVENT_IDX) ? EVENT_INDEX_BYTES : 0;
  }
}
