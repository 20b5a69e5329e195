package dev.ringzero.network.nat;

import java.nio.ByteBuffer;

/** A bounded ring of bytes, one direction of a connection. */
final class ByteRing {
  static final int CAPACITY = 1 << 16;
  private static final int MASK = CAPACITY - 1;

  private final byte[] bytes = new byte[CAPACITY];
  private final ByteBuffer window = ByteBuffer.wrap(bytes);
  private int head;
  private int size;

  int size() {
    return size;
  }

  int free() {
    return CAPACITY - size;
  }

  /** Appends bytes for which there is room. */
  void append(byte[] source, int offset, int lengthBytes) {
    int at = head + size & MASK;
    int first = Math.min(lengthBytes, CAPACITY - at);
    System.arraycopy(source, offset, bytes, at, first);
    System.arraycopy(source, offset + first, bytes, 0, lengthBytes - first);
    size += lengthBytes;
  }

  /** Copies bytes that are here, from so many behind the first, and keeps them. */
  void copy(int from, byte[] destination, int offset, int lengthBytes) {
    int at = head + from & MASK;
    int first = Math.min(lengthBytes, CAPACITY - at);
    System.arraycopy(bytes, at, destination, offset, first);
    System.arraycopy(bytes, 0, destination, offset + first, lengthBytes - first);
  }

  /** Forgets the first bytes. */
  void drop(int lengthBytes) {
    head = head + lengthBytes & MASK;
    size -= lengthBytes;
  }

  /** The first bytes that lie together, to be read by a channel. */
  ByteBuffer readable() {
    return window.clear().position(head).limit(Math.min(CAPACITY, head + size));
  }

  /**
   * Room that lies together, to be filled by a channel; then {@link #filled} tells how much was.
   */
  ByteBuffer writable() {
    int at = head + size & MASK;
    return window.clear().position(at).limit(Math.min(CAPACITY, at + free()));
  }

  void filled(int lengthBytes) {
    size += lengthBytes;
  }
}
