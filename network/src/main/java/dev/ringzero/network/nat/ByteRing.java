package dev.ringzero.network.nat;

import java.nio.ByteBuffer;

/**
 * One direction of a connection: a ring of bytes that grows as it is used, within a budget. Behind
 * the bytes that are here others may be put that came too early.
 */
final class ByteRing {
  static final int FIRST_CAPACITY = 1 << 14;
  static final int MOST_CAPACITY = 1 << 19;

  private final BufferBudget budget;
  private byte[] bytes;
  private ByteBuffer window;
  private int head;
  private int size;
  private int early;

  /** Takes the first bytes of its budget whether there are some left or not. */
  ByteRing(BufferBudget budget) {
    this.budget = budget;
    if (!budget.take(FIRST_CAPACITY)) {
      budget.give(-FIRST_CAPACITY);
    }
    use(new byte[FIRST_CAPACITY]);
  }

  private void use(byte[] array) {
    bytes = array;
    window = ByteBuffer.wrap(array);
  }

  int size() {
    return size;
  }

  int free() {
    return bytes.length - size;
  }

  int capacity() {
    return bytes.length;
  }

  /** Makes room for more where there is little, if the budget allows it. */
  void grow() {
    int more = bytes.length;
    if (2 * more > MOST_CAPACITY || !budget.take(more)) {
      return;
    }
    byte[] array = new byte[2 * more];
    int held = Math.min(more, size + early);
    copy(0, array, 0, held);
    use(array);
    head = 0;
  }

  /** Gives the budget back. The ring is not used again. */
  void close() {
    budget.give(bytes.length);
    use(new byte[0]);
    size = 0;
  }

  private int at(int from) {
    return head + from & bytes.length - 1;
  }

  /** Puts bytes for which there is room, so many behind the first; they do not count yet. */
  void put(int from, byte[] source, int offset, int lengthBytes) {
    int at = at(from);
    int first = Math.min(lengthBytes, bytes.length - at);
    System.arraycopy(source, offset, bytes, at, first);
    System.arraycopy(source, offset + first, bytes, 0, lengthBytes - first);
    early = Math.max(early, from + lengthBytes - size);
  }

  /** Counts bytes that were put behind those that are here. */
  void filled(int lengthBytes) {
    size += lengthBytes;
    early = Math.max(0, early - lengthBytes);
  }

  /** Copies bytes that are here, from so many behind the first, and keeps them. */
  void copy(int from, byte[] destination, int offset, int lengthBytes) {
    int at = at(from);
    int first = Math.min(lengthBytes, bytes.length - at);
    System.arraycopy(bytes, at, destination, offset, first);
    System.arraycopy(bytes, 0, destination, offset + first, lengthBytes - first);
  }

  /** Forgets the first bytes. */
  void drop(int lengthBytes) {
    head = at(lengthBytes);
    size -= lengthBytes;
  }

  /** The first bytes that lie together, to be read by a channel. */
  ByteBuffer readable() {
    return window.clear().position(head).limit(Math.min(bytes.length, head + size));
  }

  /**
   * Room that lies together, to be filled by a channel; then {@link #filled} tells how much was.
   */
  ByteBuffer writable() {
    int at = at(size);
    return window.clear().position(at).limit(Math.min(bytes.length, at + free()));
  }
}
