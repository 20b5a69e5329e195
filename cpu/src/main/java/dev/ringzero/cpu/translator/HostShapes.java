package dev.ringzero.cpu.translator;

import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;

/**
 * The shapes of instructions that were met, each read by both readers when it was first met. What
 * comes again costs a look-up: emitted code consists of a few thousand shapes.
 */
final class HostShapes {
  private static final int FIRST_SIZE = 1 << 12;

  private final Decoder decoder = new Decoder();
  private final Instruction read = new Instruction();

  /** Open addressing, at most half full. */
  private long[] keys = new long[FIRST_SIZE];

  private HostShape[] shapes = new HostShape[FIRST_SIZE];
  private int count;

  /** The shape of the instruction at a place, as the second reader has just read it. */
  HostShape of(HostInstruction second, byte[] bytes, int place, int limit) {
    long key = second.shape;
    if (key == 0 || second.length == 0) {
      return read(second, bytes, place, limit);
    }
    int slot = slot(key);
    if (keys[slot] == key) {
      return shapes[slot];
    }
    HostShape shape = read(second, bytes, place, limit);
    keys[slot] = key;
    shapes[slot] = shape;
    if (2 * ++count > keys.length) {
      grow();
    }
    return shape;
  }

  private HostShape read(HostInstruction second, byte[] bytes, int place, int limit) {
    int length = decoder.decode(bytes, place, limit - place, 64, read);
    if (length <= 0) {
      throw new IllegalStateException("emitted code cannot be decoded");
    }
    return new HostShape(read, second);
  }

  /** Where a key is, or would be. */
  private int slot(long key) {
    int mask = keys.length - 1;
    int slot = (int) (key * 0x9E37_79B9_7F4A_7C15L >>> 40) & mask;
    while (keys[slot] != key && keys[slot] != 0) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldKeys = keys;
    HostShape[] oldShapes = shapes;
    keys = new long[2 * oldKeys.length];
    shapes = new HostShape[keys.length];
    for (int n = 0; n < oldKeys.length; n++) {
      if (oldKeys[n] != 0) {
        int slot = slot(oldKeys[n]);
        keys[slot] = oldKeys[n];
        shapes[slot] = oldShapes[n];
      }
    }
  }
}
