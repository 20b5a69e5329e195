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
  private static final int KEY_SHIFT = 4; // above the number of a mode
  private static final int FILTER_LONGS = 1024;
  private static final long PAGE_BYTES = 4096;

  private final StateBlock state;
  private int mode;

  /** Pages that entries may point to, by a hash of their number; made anew at each search. */
  private final long[] pages = new long[FILTER_LONGS];

  private final CodeTlb codePages;

  JumpCache(StateBlock state) {
    this.state = state;
    codePages = new CodeTlb(state);
  }

  /**
   * What keys look-ups have from now on, in either half of the addresses.
   *
   * @param whole key of both together
   */
  void keys(long lower, long upper, long whole) {
    for (int n = 0; n < TranslationMode.COUNT; n++) {
      key(16 * n, lower << KEY_SHIFT | n);
      key(16 * n + 8, upper << KEY_SHIFT | n);
    }
    codePages.keys(whole, upper);
  }

  private void key(int at, long key) {
    state.set(StateBlock.JUMP_KEY + at, key);
    state.set(StateBlock.JUMP_HASH + at, key << StateBlock.ENTRY_SHIFT);
  }

  /** For code of which mode {@link #put} and {@link #find} are. */
  void mode(TranslationMode next) {
    mode = next.number();
  }

  /**
   * Enters code; what was in its place moves to the other place of its pair.
   *
   * @param page number of the translated page that it is in
   * @return what {@link #drop} takes
   */
  int put(long linear, long hostCode, int page) {
    long key = key(linear);
    int slot = slot(linear, key);
    if (!isFor(slot, linear, key)) {
      copy(slot, slot ^ StateBlock.ENTRY_BYTES);
    }
    state.set(StateBlock.JUMP_TARGET + slot, linear);
    state.set(StateBlock.JUMP_ENTRY_KEY + slot, key);
    state.set(StateBlock.JUMP_CODE + slot, hostCode);
    state.set(StateBlock.JUMP_PAGE + slot, page);
    mark(linear);
    mark(linear + LONGEST);
    return slot;
  }

  private void copy(int from, int to) {
    for (int field = StateBlock.JUMP_TABLE; field <= StateBlock.JUMP_PAGE; field += 8) {
      state.set(field + to, state.get(field + from));
    }
  }

  private void mark(long linear) {
    int bit = filterBit(linear);
    pages[bit >> 6] |= 1L << bit;
  }

  private long key(long linear) {
    return state.get(StateBlock.JUMP_KEY + 16 * mode + (linear < 0 ? 8 : 0));
  }

  /** Host address of the code at a linear address under the present keys, or 0. */
  long find(long linear) {
    long key = key(linear);
    int slot = slot(linear, key);
    int other = slot ^ StateBlock.ENTRY_BYTES;
    return isFor(slot, linear, key)
        ? state.get(StateBlock.JUMP_CODE + slot)
        : isFor(other, linear, key) ? state.get(StateBlock.JUMP_CODE + other) : 0;
  }

  private boolean isFor(int slot, long linear, long key) {
    return state.get(StateBlock.JUMP_TARGET + slot) == linear
        && state.get(StateBlock.JUMP_ENTRY_KEY + slot) == key;
  }

  private static int slot(long linear, long key) {
    int low = (int) linear;
    int mixed =
        Integer.rotateLeft(low, StateBlock.ENTRY_SHIFT)
            ^ Integer.rotateRight(low, 12 - StateBlock.ENTRY_SHIFT);
    return (mixed ^ (int) key << StateBlock.ENTRY_SHIFT) & StateBlock.JUMP_INDEX_MASK;
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
    codePages.clear();
  }

  /** All tables of the state block are zeros. */
  void discarded() {
    Arrays.fill(pages, 0);
  }

  /** Drops what {@link #put} entered. */
  void drop(int slot) {
    state.set(StateBlock.JUMP_ENTRY_KEY + slot, NO_KEY);
    state.set(StateBlock.JUMP_ENTRY_KEY + (slot ^ StateBlock.ENTRY_BYTES), NO_KEY);
  }

  /** Drops what jumps between pages know of a translated page. */
  void dropCode(TranslatedPage page) {
    codePages.drop(page);
  }

  /** Drops the entries of adjacent pages, in all address spaces. */
  void dropPages(long first, int count) {
    codePages.drop(first, count);
    if (!mayHave(first, count)) {
      return;
    }
    Arrays.fill(pages, 0);
    for (int slot = 0; slot < TABLE_BYTES; slot += StateBlock.ENTRY_BYTES) {
      if (state.get(StateBlock.JUMP_ENTRY_KEY + slot) != NO_KEY) {
        long target = state.get(StateBlock.JUMP_TARGET + slot);
        if (isIn(target, first, count) || isIn(target + LONGEST, first, count)) {
          state.set(StateBlock.JUMP_ENTRY_KEY + slot, NO_KEY);
        } else {
          mark(target);
          mark(target + LONGEST);
        }
      }
    }
  }

  private boolean mayHave(long first, int count) {
    for (int i = 0; i < count; i++) {
      int bit = filterBit(first + (long) i * PAGE_BYTES);
      if ((pages[bit >> 6] & 1L << bit) != 0) {
        return true;
      }
    }
    return false;
  }

  private static boolean isIn(long linear, long first, int count) {
    long page = (linear >>> 12) - (first >>> 12);
    return page >= 0 && page < count;
  }
}
