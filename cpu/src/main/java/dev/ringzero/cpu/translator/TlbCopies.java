package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.paging.Mmu;
import dev.ringzero.cpu.paging.PageTranslation;
import dev.ringzero.cpu.paging.TranslationCopies;
import dev.ringzero.memory.MachineMemory;
import java.util.Arrays;

/**
 * Fills and drops the TLBs of the state block. The first level holds the current address space
 * alone; the second tells spaces apart by a key. Pages of the upper half of the addresses are kept
 * under the key of global pages, until one is met that is not global.
 */
final class TlbCopies implements TranslationCopies {
  private static final int VIEW_SHIFT = 60;
  private static final int WRITTEN_FRAMES = 1 << 16;
  private static final long HOST_BASE = MachineMemory.hostAddress(0);

  /** Tags that no address of their slot has: that of a neighbour's page. */
  private static final long[] EMPTY_TAGS = new long[StateBlock.TLB_ENTRIES];

  static {
    for (int slot = 0; slot < EMPTY_TAGS.length; slot++) {
      EMPTY_TAGS[slot] = emptyTag((long) slot << 12);
    }
  }

  private final StateBlock state;
  private final Mmu mmu;
  private final JumpCache jumps;

  /** Frames that some entry may let be written, by the low bits of their number. */
  private final boolean[] mayBeWritten = new boolean[WRITTEN_FRAMES];

  private boolean globalUpperHalf = true;
  private boolean keysStale = true;
  private boolean firstLevelStale = true;
  private long context;

  TlbCopies(StateBlock state, Mmu mmu, JumpCache jumps) {
    this.state = state;
    this.mmu = mmu;
    this.jumps = jumps;
    clear();
  }

  private static long emptyTag(long page) {
    return -((page >>> 12 & StateBlock.TLB_ENTRIES - 1 ^ 1) << 12);
  }

  /** Before translated code runs. */
  void settle() {
    if (firstLevelStale) {
      clearFirstLevel();
    }
    if (keysStale) {
      setKeys();
    }
  }

  private void setKeys() {
    keysStale = false;
    long lower = mmu.context();
    long upper = globalUpperHalf ? mmu.globalContext() : lower;
    for (View view : View.values()) {
      long viewBits = (long) view.ordinal() << VIEW_SHIFT;
      int at = StateBlock.SPACE_KEY + 16 * view.ordinal();
      state.set(at, lower + viewBits);
      state.set(at + 8, upper + viewBits);
    }
    jumps.keys(lower, upper);
  }

  /** Whether a page may be entered under the keys as they are; they may change by this. */
  void meet(long linear, boolean global) {
    if (linear < 0 && !global && globalUpperHalf) {
      globalUpperHalf = false;
      setKeys();
    }
  }

  /** Enters a page into both levels. */
  void fill(View view, long linear, PageTranslation found) {
    meet(linear, found.global);
    long page = linear & -4096L;
    long readTag = found.readable ? -page : emptyTag(page);
    long writeTag = found.writable ? -page : emptyTag(page);
    long host = HOST_BASE + found.hpaPage;
    if (found.writable) {
      mayBeWritten[(int) (found.hpaPage >>> 12) & WRITTEN_FRAMES - 1] = true;
    }
    int first = view.tlb() + 8 * ((int) (page >>> 12) & StateBlock.TLB_ENTRIES - 1);
    state.set(first + StateBlock.READ_TAG, readTag);
    state.set(first + StateBlock.WRITE_TAG, writeTag);
    state.set(first + StateBlock.HOST_PAGE, host);
    int second = secondLevel(page);
    int key = StateBlock.SPACE_KEY + 16 * view.ordinal() + (page < 0 ? 8 : 0);
    state.set(second, page + state.get(key));
    state.set(second + 8, readTag);
    state.set(second + 16, writeTag);
    state.set(second + 24, host);
  }

  private static int secondLevel(long page) {
    int slot = (int) (page >>> 12 ^ page >>> 22) & StateBlock.L2_ENTRIES - 1;
    return StateBlock.L2 + StateBlock.L2_ENTRY_BYTES * slot;
  }

  private void clearFirstLevel() {
    firstLevelStale = false;
    for (View view : View.values()) {
      state.copy(EMPTY_TAGS, view.tlb() + StateBlock.READ_TAG);
      state.copy(EMPTY_TAGS, view.tlb() + StateBlock.WRITE_TAG);
    }
  }

  private void clear() {
    clearFirstLevel();
    for (int slot = 0; slot < StateBlock.L2_ENTRIES; slot++) {
      state.set(StateBlock.L2 + StateBlock.L2_ENTRY_BYTES * slot, 0);
    }
    Arrays.fill(mayBeWritten, false);
    jumps.clear();
    keysStale = true;
  }

  @Override
  public void contextChanged() {
    keysStale = true;
    firstLevelStale = true;
    if (mmu.globalContext() != context) {
      context = mmu.globalContext();
      globalUpperHalf = true;
    }
  }

  @Override
  public void contextsStartOver() {
    clear();
  }

  @Override
  public void dropped(long firstPage, int pages) {
    for (int i = 0; i < pages; i++) {
      long page = firstPage + 4096L * i;
      int slot = (int) (page >>> 12) & StateBlock.TLB_ENTRIES - 1;
      for (View view : View.values()) {
        state.set(view.tlb() + StateBlock.READ_TAG + 8 * slot, EMPTY_TAGS[slot]);
        state.set(view.tlb() + StateBlock.WRITE_TAG + 8 * slot, EMPTY_TAGS[slot]);
      }
      state.set(secondLevel(page), 0);
      jumps.dropPage(page);
    }
  }

  @Override
  public void revoked(long firstMfn, long count, boolean read, boolean write, boolean execute) {
    if (execute) {
      jumps.clear();
    }
    if (!read && count == 1 && !mayBeWritten[(int) firstMfn & WRITTEN_FRAMES - 1]) {
      return;
    }
    for (View view : View.values()) {
      for (int slot = 0; slot < StateBlock.TLB_ENTRIES; slot++) {
        int at = view.tlb() + 8 * slot;
        if (isIn(state.get(at + StateBlock.HOST_PAGE), firstMfn, count)) {
          if (read) {
            state.set(at + StateBlock.READ_TAG, EMPTY_TAGS[slot]);
          }
          state.set(at + StateBlock.WRITE_TAG, EMPTY_TAGS[slot]);
        }
      }
    }
    for (int slot = 0; slot < StateBlock.L2_ENTRIES; slot++) {
      int at = StateBlock.L2 + StateBlock.L2_ENTRY_BYTES * slot;
      if (isIn(state.get(at + 24), firstMfn, count)) {
        state.set(at, 0);
      }
    }
  }

  private static boolean isIn(long hostPage, long firstMfn, long count) {
    long mfn = hostPage - HOST_BASE >>> 12;
    return mfn >= firstMfn && mfn - firstMfn < count;
  }
}
