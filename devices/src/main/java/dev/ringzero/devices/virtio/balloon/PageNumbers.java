package dev.ringzero.devices.virtio.balloon;

import static dev.ringzero.devices.virtio.balloon.BalloonProtocol.*;

import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.memory.DmaMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The pages that a driver lists in a buffer, as ranges of neighbours. */
final class PageNumbers {
  private final ByteBuffer bytes =
      ByteBuffer.allocate(MOST_PAGE_NUMBER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final int[] numbers = new int[MOST_PAGE_NUMBER_BYTES / PAGE_NUMBER_BYTES];
  private int count;

  /** Reads a buffer; false if it is not a list of pages. */
  boolean read(DescriptorChain chain) {
    long length = chain.readableBytes();
    if (length == 0 || length > MOST_PAGE_NUMBER_BYTES || length % PAGE_NUMBER_BYTES != 0) {
      return false;
    }
    chain.read(0, bytes.array(), 0, (int) length);
    count = (int) length / PAGE_NUMBER_BYTES;
    for (int i = 0; i < count; i++) {
      numbers[i] = bytes.getInt(i * PAGE_NUMBER_BYTES);
    }
    return true;
  }

  int count() {
    return count;
  }

  /** Takes the frames of the pages back; pages that are not RAM have none. Returns the bytes. */
  long reclaim(DmaMemory memory) {
    Arrays.sort(numbers, 0, count);
    long bytesBack = 0;
    for (int i = 0; i < count; ) {
      int first = i++;
      while (i < count && numbers[i] - numbers[i - 1] <= 1) {
        i++;
      }
      long gpa = (numbers[first] & 0xFFFF_FFFFL) << PAGE_SHIFT;
      long end = (numbers[i - 1] & 0xFFFF_FFFFL) + 1 << PAGE_SHIFT;
      bytesBack += end > gpa ? memory.reclaim(gpa, end - gpa) : 0;
    }
    return bytesBack;
  }
}
