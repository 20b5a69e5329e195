package dev.ringzero.cpu.translator;

import dev.ringzero.x86.instruction.Decoder;
import java.util.Arrays;

/**
 * Translated code by linear address, in the state block, where emitted code looks it up. An entry
 * has a key that names address space and mode, so that a change of either drops nothing.
 */
final class JumpCache {
  private static final long NO_KEY = 0;
  private static final int TABLE_BYTES = StateBlock.JUMP_ENTRIES * StateBlock.ENTRY_BYTES;
  private static final int LONGEST = Decoder.MAX_LENGTH - 1; // where an instruction may end
  private static final int FILTER_LONGS = 128;

  private final StateBlock state;
  private int mode;

  /** Pages that entries may point to, by a hash of their number. */
  private final long[] pages = new long[FILTER_LONGS];

  JumpCache(StateBlock state) {
    this.state = state;
  }

  /** What keys look-ups have from now on, in either half of the addresses. */
  void keys(long lower, long upper) {
    for (int n = 0; n < TranslationMode.COUNT; n++) {
      state.set(StateBlock.JUMP_KEY + 16 * n, lower << 3 | n);
      state.set(StateBlock.JUMP_KEY + 16 * n + 8, upper << 3 | n);
    }
  }

  /** For code of which mode {@link #put} and {@link #find} are. */
  void mode(TranslationMode next) {
    mode = next.number();
  }

  /** Enters code; what was in its place moves to the other place of its pair. */
  void put(long linear, long hostCode) {
    int slot = slot(linear);
    long target = state.get(StateBlock.JUMP_TARGET + slot);
    if (target != linear) {
      long code = state.get(StateBlock.JUMP_CODE + slot);
      set(slot ^ StateBlock.ENTRY_BYTES, target, state.get(StateBlock.JUMP_ENTRY_KEY + slot), code);
    }
    set(slot, linear, key(linear), hostCode);
    mark(linear);
    mark(linear + LONGEST);
  }

  private void mark(long linear) {
    int bit = filterBit(linear);
    pages[bit >> 6] |= 1L << bit;
  }

  private void set(int slot, long target, long key, long hostCode) {
    state.set(StateBlock.JUMP_TARGET + slot, target);
    state.set(StateBlock.JUMP_ENTRY_KEY + slot, key);
    state.set(StateBlock.JUMP_CODE + slot, hostCode);
  }

  private long key(long linear) {
    return state.get(StateBlock.JUMP_KEY + 16 * mode + (linear < 0 ? 8 : 0));
  }

  /** Host address of the code at a linear address under the present keys, or 0. */
  long find(long linear) {
    int slot = slot(linear);
    return isFor(slot, linear)
        ? state.get(StateBlock.JUMP_CODE + slot)
        : isFor(slot ^ StateBlock.ENTRY_BYTES, linear)
            ? state.get(StateBlock.JUMP_CODE + (slot ^ StateBlock.ENTRY_BYTES))
            : 0;
  }

  private boolean isFor(int slot, long linear) {
    return state.get(StateBlock.JUMP_TARGET + slot) == linear
        && state.get(StateBlock.JUMP_ENTRY_KEY + slot) == key(linear);
  }

  private static int slot(long linear) {
    int low = (int) linear;
    return StateBlock.ENTRY_BYTES
        * ((low ^ Integer.rotateRight(low, 12)) & StateBlock.JUMP_ENTRIES - 1);
  }

  private static int filterBit(long linear) {
    long number = linear >>> 12;
    return (int) (number ^ number >>> 13) & 64 * FILTER_LONGS - 1;
  }

  void clear() {
    for (int slot = 0; slot < TABLE_BYTES; slot += StateBlock.ENTRY_BYTES) {
      state.set(StateBlock.JUMP_ENTRY_KEY + slot, NO_KEY);
    }
    Arrays.fill(pages, 0);
  }

  /** Drops the entry of an address, in any address space. */
  void drop(long linear) {
    for (int slot : new int[] {slot(linear), slot(linear) ^ StateBlock.ENTRY_BYTES}) {
      if (state.get(StateBlock.JUMP_TARGET + slot) == linear) {
        state.set(StateBlock.JUMP_ENTRY_KEY + slot, NO_KEY);
      }
    }
  }

  /** Drops the entries of a page, in all address spaces. */
  void dropPage(long linear) {
    int bit = filterBit(linear);
    if ((pages[bit >> 6] & 1L << bit) == 0) {
      return;
    }
    for (int slot = 0; slot < TABLE_BYTES; slot += StateBlock.ENTRY_BYTES) {
      long target = state.get(StateBlock.JUMP_TARGET + slot);
      if ((target ^ linear) >>> 12 == 0 || (target + LONGEST ^ linear) >>> 12 == 0) {
        state.set(StateBlock.JUMP_ENTRY_KEY + slot, NO_KEY);
      }
    }
  }
}
