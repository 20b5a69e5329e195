package dev.ringzero.devices.serial;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/** A bounded queue of characters, each a byte with line status bits above it. */
final class ByteRing {
  private final int[] element;
  private int head;
  private int size;

  ByteRing(int capacity) {
    this.element = new int[capacity];
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  boolean isFull() {
    return size == element.length;
  }

  int peek() {
    return element[head];
  }

  void add(int value) {
    element[(head + size) % element.length] = value;
    size++;
  }

  int remove() {
    int value = element[head];
    head = (head + 1) % element.length;
    size--;
    return value;
  }

  void clear() {
    size = 0;
  }

  /** Leaves only the byte of the next element. */
  void clearStatusOfFirst() {
    if (size != 0) {
      element[head] &= 0xFF;
    }
  }

  /** Whether any element has one of these bits. */
  boolean contains(int bits) {
    for (int i = 0; i < size; i++) {
      if ((element[(head + i) % element.length] & bits) != 0) {
        return true;
      }
    }
    return false;
  }

  void save(StateWriter out) {
    out.writeInt(size);
    for (int i = 0; i < size; i++) {
      out.writeInt(element[(head + i) % element.length]);
    }
  }

  void restore(StateReader in) {
    int count = in.readInt();
    if (count < 0 || count > element.length) {
      throw new StateException("a serial queue of " + count);
    }
    head = 0;
    size = 0;
    for (int i = 0; i < count; i++) {
      add(in.readInt());
    }
  }
}
