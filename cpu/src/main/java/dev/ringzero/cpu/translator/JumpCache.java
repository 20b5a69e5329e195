package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.paging.EntryChains;
import dev.ringzero.x86.instruction.Decoder;

/**
 * Translated code by linear address, in the state block, where emitted code looks it up. An entry
 * has a key that names address space and mode, so that a change of either drops nothing.
 */
final class JumpCache {
  private static final long NO_KEY = 0;
  private static final int TABLE_BYTES = StateBlock.JUMP_ENTRIES * StateBlock.ENTRY_BYTES;
  private static final int LONGEST = Decoder.MAX_LENGTH - 1; // where an instruction may end
  private static final int KEY_SHIFT = 4; // above the number of a mode

  private final StateBlock state;
  private final long[] keys = new long[2 * TranslationMode.COUNT];
  private final long[] hashes = new long[2 * TranslationMode.COUNT];
  private int mode;

  /** Entries by the page of their target. */
  private final EntryChains pages = new EntryChains(StateBlock.JUMP_ENTRIES);

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
    for (int n = 0; n < keys.length; n++) {
      keys[n] = ((n & 1) == 0 ? lower : upper) << KEY_SHIFT | n >> 1;
      hashes[n] = keys[n] << StateBlock.ENTRY_SHIFT;
    }
    state.copy(keys, StateBlock.JUMP_KEY);
    state.copy(hashes, StateBlock.JUMP_HASH);
    codePages.keys(whole, upper);
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
    pages.link(number(slot), linear >>> 12);
    state.set(StateBlock.JUMP_TARGET + slot, linear);
    state.set(StateBlock.JUMP_ENTRY_KEY + slot, key);
    state.set(StateBlock.JUMP_CODE + slot, hostCode);
    state.set(StateBlock.JUMP_PAGE + slot, page);
    return slot;
  }

  private void copy(int from, int to) {
    if (pages.isLinked(number(from))) {
      pages.link(number(to), state.get(StateBlock.JUMP_TARGET + from) >>> 12);
    }
    for (int field = StateBlock.JUMP_TABLE; field <= StateBlock.JUMP_PAGE; field += 8) {
      state.set(field + to, state.get(field + from));
    }
  }

  private static int number(int slot) {
    return slot >> StateBlock.ENTRY_SHIFT;
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

  void clear() {
    for (int slot = 0; slot < TABLE_BYTES; slot += StateBlock.ENTRY_BYTES) {
      state.set(StateBlock.JUMP_ENTRY_KEY + slot, NO_KEY);
    }
    pages.clear();
    codePages.clear();
  }

  /** All tables of the state block are zeros. */
  void discarded() {
    pages.clear();
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
    long page = first >>> 12;
    for (long n = page - 1; n < page + count; n++) { // of the one before, what ends in the next
      dropPage(n, first, count);
    }
  }

  private void dropPage(long page, long first, int count) {
    int entry = pages.first(page);
    while (entry != EntryChains.NONE) {
      int behind = pages.next(entry);
      int slot = entry << StateBlock.ENTRY_SHIFT;
      long target = state.get(StateBlock.JUMP_TARGET + slot);
      if (isIn(target, first, count) || isIn(target + LONGEST, first, count)) {
        state.set(StateBlock.JUMP_ENTRY_KEY + slot, NO_KEY);
        pages.unlink(entry);
      }
      entry = behind;
    }
  }

  private static boolean isIn(long linear, long first, int count) {
    long page = (linear >>> 12) - (first >>> 12);
    return page >= 0 && page < count;
  }
}
