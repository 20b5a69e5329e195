package dev.ringzero.devices.lapic;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/** A register of 256 bits, one a vector, seen as eight words: IRR, ISR and TMR. */
final class VectorSet {
  /** What {@link #highest} says of an empty set. */
  static final int NONE = -1;

  private final int[] word = new int[8];

  boolean contains(int vector) {
    return (word[vector >>> 5] >>> (vector & 31) & 1) != 0;
  }

  void add(int vector) {
    word[vector >>> 5] |= 1 << (vector & 31);
  }

  void remove(int vector) {
    word[vector >>> 5] &= ~(1 << (vector & 31));
  }

  void put(int vector, boolean present) {
    if (present) {
      add(vector);
    } else {
      remove(vector);
    }
  }

  void clear() {
    for (int i = 0; i < word.length; i++) {
      word[i] = 0;
    }
  }

  int highest() {
    for (int i = word.length - 1; i >= 0; i--) {
      if (word[i] != 0) {
        return 32 * i + 31 - Integer.numberOfLeadingZeros(word[i]);
      }
    }
    return NONE;
  }

  int word(int index) {
    return word[index];
  }

  void save(StateWriter out) {
    out.writeInts(word);
  }

  void restore(StateReader in) {
    in.readInts(word);
  }
}
