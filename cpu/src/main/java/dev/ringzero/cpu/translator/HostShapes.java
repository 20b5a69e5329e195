package dev.ringzero.cpu.translator;

import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The shapes of instructions that were met, by the bytes before displacement and immediate. Both
 * readers read an instruction whose shape is met for the first time; what comes again costs a
 * look-up, for emitted code consists of a few thousand shapes. No shape's bytes are the beginning
 * of another's, so that at most one is at the start of any bytes.
 */
final class HostShapes {
  private static final int FIRST_SIZE = 1 << 12;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Decoder decoder = new Decoder();
  private final Instruction read = new Instruction();
  private final HostInstruction second = new HostInstruction();

  /** By first byte, the lengths of known shapes: bit n for n bytes. */
  private final int[] lengths = new int[256];

  /** Open addressing, at most half full. */
  private long[] keys = new long[FIRST_SIZE];

  private HostShape[] shapes = new HostShape[FIRST_SIZE];
  private int count;

  /** The shape of the instruction at a place of code that ends before {@code limit}. */
  HostShape at(byte[] code, int place, int limit) {
    if (limit - place >= Decoder.MAX_LENGTH) { // so that none reaches beyond the end
      long bytes = (long) LONG.get(code, place);
      int open = lengths[(int) bytes & 0xFF];
      while (open != 0) {
        int length = Integer.numberOfTrailingZeros(open);
        long key = bytes & -1L >>> 64 - 8 * length;
        int slot = slot(key);
        if (keys[slot] == key && shapes[slot].fixedBytes == length) { // a last byte may be zero
          return shapes[slot];
        }
        open &= open - 1;
      }
    }
    return read(code, place, limit);
  }

  private HostShape read(byte[] code, int place, int limit) {
    int length = decoder.decode(code, place, limit - place, 64, read);
    if (length <= 0) {
      throw new IllegalStateException("emitted code cannot be decoded");
    }
    second.read(code, place, limit);
    HostShape shape = new HostShape(read, second);
    int fixed = second.fixedBytes;
    if (shape.refusal == null && fixed <= 8) {
      long key = 0;
      for (int n = fixed - 1; n >= 0; n--) {
        key = key << 8 | code[place + n] & 0xFF;
      }
      keep(key, fixed, shape);
    }
    return shape;
  }

  private void keep(long key, int fixed, HostShape shape) {
    int slot = slot(key);
    if (key == 0 || keys[slot] == key) {
      return;
    }
    keys[slot] = key;
    shapes[slot] = shape;
    lengths[(int) key & 0xFF] |= 1 << fixed;
    if (2 * ++count > keys.length) {
      grow();
    }
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
