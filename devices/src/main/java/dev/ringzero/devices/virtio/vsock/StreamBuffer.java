package dev.ringzero.devices.virtio.vsock;

import dev.ringzero.devices.virtio.queue.DescriptorChain;

/** Bytes on their way in one direction of a stream, in a ring that is made when it is needed. */
final class StreamBuffer {
  private final int capacityBytes;
  private byte[] ring;
  private int start;
  private int length;

  StreamBuffer(int capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  int lengthBytes() {
    return length;
  }

  int roomBytes() {
    return capacityBytes - length;
  }

  private byte[] ring() {
    if (ring == null) {
      ring = new byte[capacityBytes];
    }
    return ring;
  }

  /** Takes as many bytes as there is room for. */
  int put(byte[] source, int offset, int count) {
    int taken = Math.min(count, roomBytes());
    for (int done = 0; done < taken; ) {
      int end = (start + length) % capacityBytes;
      int part = Math.min(taken - done, capacityBytes - end);
      System.arraycopy(source, offset + done, ring(), end, part);
      length += part;
      done += part;
    }
    return taken;
  }

  /** Takes bytes, for which there is room, from a driver's buffer. */
  void put(DescriptorChain source, long from, int count) {
    for (int done = 0; done < count; ) {
      int end = (start + length) % capacityBytes;
      int part = Math.min(count - done, capacityBytes - end);
      source.read(from + done, ring(), end, part);
      length += part;
      done += part;
    }
  }

  /** Gives up to so many bytes. */
  int take(byte[] destination, int offset, int count) {
    int given = Math.min(count, length);
    for (int done = 0; done < given; ) {
      int part = Math.min(given - done, capacityBytes - start);
      System.arraycopy(ring, start, destination, offset + done, part);
      done += part;
      drop(part);
    }
    return given;
  }

  /** Gives bytes, of which there are enough, into a driver's buffer. */
  void take(DescriptorChain destination, long at, int count) {
    for (int done = 0; done < count; ) {
      int part = Math.min(count - done, capacityBytes - start);
      destination.write(at + done, ring, start, part);
      done += part;
      drop(part);
    }
  }

  private void drop(int count) {
    start = (start + count) % capacityBytes;
    length -= count;
  }

  void clear() {
    start = 0;
    length = 0;
  }
}
