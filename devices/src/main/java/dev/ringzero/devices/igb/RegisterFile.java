package dev.ringzero.devices.igb;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** The words behind the registers of the physical function, by offset. Any thread. */
final class RegisterFile {
  static final int BYTES = 0x20000;

  private final AtomicIntegerArray words = new AtomicIntegerArray(BYTES / 4);

  int get(int offset) {
    return words.get(offset >>> 2);
  }

  void set(int offset, int value) {
    words.set(offset >>> 2, value);
  }

  boolean has(int offset, int bits) {
    return (get(offset) & bits) != 0;
  }

  void add(int offset, int by) {
    words.getAndAdd(offset >>> 2, by);
  }

  /** Sets bits; returns the word as it was. */
  int setBits(int offset, int bits) {
    return words.getAndAccumulate(offset >>> 2, bits, (word, more) -> word | more);
  }

  void clearBits(int offset, int bits) {
    words.getAndAccumulate(offset >>> 2, bits, (word, less) -> word & ~less);
  }

  /** Reads a word that is zero afterwards. */
  int take(int offset) {
    return words.getAndSet(offset >>> 2, 0);
  }

  /** Makes all words zero in {@code [from, to)}. */
  void clear(int from, int to) {
    for (int offset = from; offset < to; offset += 4) {
      set(offset, 0);
    }
  }

  void save(StateWriter out) {
    int count = 0;
    for (int i = 0; i < words.length(); i++) {
      count += words.get(i) != 0 ? 1 : 0;
    }
    out.writeInt(count);
    for (int i = 0; i < words.length(); i++) {
      if (words.get(i) != 0) {
        out.writeInt(i);
        out.writeInt(words.get(i));
      }
    }
  }

  void restore(StateReader in) {
    clear(0, BYTES);
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      int word = in.readInt();
      if (word < 0 || word >= words.length()) {
        throw new StateException("a register where there is none");
      }
      words.set(word, in.readInt());
    }
  }
}
