package dev.ringzero.devices.virtio.queue;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/** Bytes on their way between driver and host, in a ring that is made when it is needed. */
public final class TransferRing {
  private final int capacityBytes;
  private byte[] ring;
  private int start;
  private int length;

  public TransferRing(int capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  public int lengthBytes() {
    return length;
  }

  public int roomBytes() {
    return capacityBytes - length;
  }

  private byte[] ring() {
    if (ring == null) {
      ring = new byte[capacityBytes];
    }
    return ring;
  }

  /** Takes as many bytes as there is room for. */
  public int put(byte[] source, int offset, int count) {
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
  public void put(DescriptorChain source, long from, int count) {
    for (int done = 0; done < count; ) {
      int end = (start + length) % capacityBytes;
      int part = Math.min(count - done, capacityBytes - end);
      source.read(from + done, ring(), end, part);
      length += part;
      done += part;
    }
  }

  /** Gives up to so many bytes. */
  public int take(byte[] destination, int offset, int count) {
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
  public void take(DescriptorChain destination, long at, int count) {
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

  public void save(StateWriter out) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = ring[(start + i) % capacityBytes];
    }
    out.writeBytes(bytes);
  }

  public void restore(StateReader in) {
    byte[] bytes = in.readBytes();
    if (bytes.length > capacityBytes) {
      throw new StateException("more bytes on their way than there is room for");
    }
    clear();
    put(bytes, 0, bytes.length);
  }

  public void clear() {
    start = 0;
    length = 0;
  }
}
