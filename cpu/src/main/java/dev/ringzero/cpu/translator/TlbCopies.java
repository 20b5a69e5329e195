package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.paging.EntryChains;
import dev.ringzero.cpu.paging.Mmu;
import dev.ringzero.cpu.paging.PageTranslation;
import dev.ringzero.cpu.paging.TranslationCopies;
import dev.ringzero.memory.MachineMemory;
import java.util.BitSet;

/**
 * Fills and drops the TLBs of the state block. The first level holds the current address space
 * alone; the second tells spaces apart by a key. Pages of the upper half of the addresses are kept
 * under the key of global pages, until one is met that is not global.
 */
final class TlbCopies implements TranslationCopies {
  private static final View[] VIEWS = View.values();
  private static final int VIEW_SHIFT = 60;
  private static final int GLOBAL_BITS = 4096;
  private static final long HOST_BASE = MachineMemory.hostAddress(0);

  /** A first-level TLB with tags that no address of their slot has: those of a neighbour's page. */
  private static final long[] EMPTY = new long[StateBlock.VIEW_BYTES / 8];

  static {
    for (int slot = 0; slot < StateBlock.TLB_ENTRIES; slot++) {
      int at = slot * (StateBlock.ENTRY_BYTES / 8);
      EMPTY[at] = emptyTag((long) slot << 12);
      EMPTY[at + 1] = EMPTY[at];
    }
  }

  private final StateBlock state;
  private final Mmu mmu;
  private final JumpCache jumps;

  /** Second-level entries by frame, that let it be written. */
  private final EntryChains writers = new EntryChains(StateBlock.L2_ENTRIES);

  private boolean globalUpperHalf = true;
  private boolean keysStale = true;
  private boolean firstLevelStale = true;

  /** Of which address space the first level holds pages. */
  private long firstContext;

  private long firstGlobalContext;

  /** The first level of {@link View#SUPERVISOR} holds pages of one address space alone. */
  private boolean supervisorMixed;

  private long context;

  /** Numbers, by {@link #globalBit}, of global pages kept under the key of an address space. */
  private final BitSet globalCopies = new BitSet(GLOBAL_BITS);

  /** Context numbers of global pages under which one was met that is not global. */
  private final BitSet notGlobal = new BitSet();

  TlbCopies(StateBlock state, Mmu mmu, JumpCache jumps) {
    this.state = state;
    this.mmu = mmu;
    this.jumps = jumps;
    closeFirstSlots();
  }

  /** Of a table of zeros only the tag of slot 0 is one that an address of its slot has. */
  private void closeFirstSlots() {
    for (View view : VIEWS) {
      dropFirst(view.tlb(), true);
    }
  }

  /** Drops everything, and what it costs. */
  void trim() {
    state.discardTables();
    closeFirstSlots();
    for (View view : VIEWS) {
      setGroups(view, 0);
    }
    writers.clear();
    jumps.discarded();
    forgetGlobals();
  }

  private static long emptyTag(long page) {
    return -((page >>> 12 & StateBlock.TLB_ENTRIES - 1 ^ 1) << 12);
  }

  /** Before translated code runs. */
  void settle() {
    if (firstLevelStale) {
      firstLevelStale = false;
      boolean back =
          firstContext == mmu.wholeContext() && firstGlobalContext == mmu.globalContext();
      if (!back) { // else no translated code has run elsewhere
        dropAddressSpace();
      }
    }
    if (keysStale) {
      setKeys();
    }
  }

  private void setKeys() {
    keysStale = false;
    long lower = mmu.context();
    long upper = globalUpperHalf ? mmu.globalContext() : lower;
    for (View view : VIEWS) {
      long viewBits = (long) view.ordinal() << VIEW_SHIFT;
      int at = StateBlock.SPACE_KEY + 16 * view.ordinal();
      state.set(at, lower + viewBits);
      state.set(at + 8, upper + viewBits);
    }
    jumps.keys(lower, upper, mmu.wholeContext());
  }

  /** Whether a page may be entered under the keys as they are; they may change by this. */
  void meet(long linear, boolean global) {
    if (linear < 0 && !global && globalUpperHalf) {
      globalUpperHalf = false;
      notGlobal.set((int) context);
      setKeys();
    }
  }

  /** Enters a page into both levels. */
  void fill(View view, long linear, PageTranslation found) {
    meet(linear, found.global);
    long page = linear & -4096L;
    if (found.global && (page >= 0 || !globalUpperHalf)) {
      globalCopies.set(globalBit(page));
    }
    long readTag = found.readable ? -page : emptyTag(page);
    long writeTag = found.writable ? -page : emptyTag(page);
    long host = HOST_BASE + found.hpaPage;
    long tag = tag(view, page);
    int second = secondLevel(tag);
    displace(second);
    supervisorMixed |= view == View.SUPERVISOR && (linear >= 0 || !globalUpperHalf);
    int first = firstLevel(view, page);
    state.set8(groups(view) + (first - view.tlb() >> StateBlock.GROUP_SHIFT), 1);
    state.set(first + StateBlock.READ_TAG, readTag);
    state.set(first + StateBlock.WRITE_TAG, writeTag);
    state.set(first + StateBlock.HOST_PAGE, host);
    state.set(second, tag);
    state.set(second + 8, readTag);
    state.set(second + 16, writeTag);
    state.set(second + 24, host);
    if (found.writable) {
      writers.link(number(second), found.hpaPage >>> 12);
    }
  }

  /** What the first level lets be written the second knows: another page takes an entry's place. */
  private void displace(int second) {
    int number = number(second);
    if (writers.isLinked(number)) {
      writers.unlink(number);
      dropFirstWrites(second, state.get(second + 24) - HOST_BASE >>> 12);
    }
  }

  /** Takes the right to write a frame from the first level where that has it of this entry. */
  private void dropFirstWrites(int second, long mfn) {
    long page = -state.get(second + 16);
    for (View view : VIEWS) {
      revokeFirst(firstLevel(view, page), mfn, 1, false);
    }
  }

  /** Of an entry of the second level, by its place. */
  private static int number(int second) {
    return (second - StateBlock.L2) / StateBlock.ENTRY_BYTES;
  }

  private long tag(View view, long page) {
    return page + state.get(StateBlock.SPACE_KEY + 16 * view.ordinal() + (page < 0 ? 8 : 0));
  }

  private static int firstLevel(View view, long page) {
    int slot = (int) (page >>> 12) & StateBlock.TLB_ENTRIES - 1;
    return view.tlb() + StateBlock.ENTRY_BYTES * slot;
  }

  private static int secondLevel(long tag) {
    int slot = (int) (tag * StateBlock.L2_HASH >>> 64 - StateBlock.L2_BITS);
    return StateBlock.L2 + StateBlock.ENTRY_BYTES * slot;
  }

  /** Drops what the first level knows of an address space that may be another now. */
  private void dropAddressSpace() {
    firstContext = mmu.wholeContext();
    firstGlobalContext = mmu.globalContext();
    for (View view : VIEWS) {
      if (view != View.SUPERVISOR || supervisorMixed) {
        clearFirstLevel(view);
      }
    }
  }

  private void clearFirstLevel(View view) {
    int groups = groups(view);
    for (int group = 0; group < StateBlock.GROUPS; group += 8) {
      long used = state.get(groups + group);
      if (used != 0) {
        state.set(groups + group, 0);
        clearGroups(view, group, used);
      }
    }
    if (view == View.SUPERVISOR) {
      supervisorMixed = !globalUpperHalf;
    }
  }

  /** Of eight groups those whose byte is not zero. */
  private void clearGroups(View view, int first, long used) {
    int longs = 1 << StateBlock.GROUP_SHIFT - 3;
    long left = used;
    while (left != 0) {
      int number = Long.numberOfTrailingZeros(left) >> 3;
      left &= ~(0xFFL << 8 * number);
      int group = first + number;
      state.copy(EMPTY, group * longs, longs, view.tlb() + (group << StateBlock.GROUP_SHIFT));
    }
  }

  private static int groups(View view) {
    return StateBlock.GROUPS_USED + StateBlock.GROUPS * view.ordinal();
  }

  /** Says of all groups whether they are used: 0 or -1. */
  private void setGroups(View view, long used) {
    for (int group = 0; group < StateBlock.GROUPS; group += 8) {
      state.set(groups(view) + group, used);
    }
  }

  private void clear() {
    for (View view : VIEWS) {
      setGroups(view, -1);
      clearFirstLevel(view);
    }
    for (int slot = 0; slot < StateBlock.L2_ENTRIES; slot++) {
      state.set(StateBlock.L2 + StateBlock.ENTRY_BYTES * slot, 0);
    }
    writers.clear();
    jumps.clear();
    forgetGlobals();
  }

  private void forgetGlobals() {
    notGlobal.clear();
    globalCopies.clear();
    keysStale = true;
  }

  @Override
  public void contextChanged() {
    keysStale = true;
    firstLevelStale = true;
    if (mmu.globalContext() != context) {
      context = mmu.globalContext();
      globalUpperHalf = !notGlobal.get((int) context);
      supervisorMixed = true;
    }
  }

  @Override
  public void contextsStartOver() {
    clear();
  }

  @Override
  public void dropped(long firstPage, int pages) {
    settle();
    for (int i = 0; i < pages; i++) {
      long page = firstPage + 4096L * i;
      for (View view : VIEWS) {
        dropFirst(firstLevel(view, page), true);
        state.set(secondLevel(tag(view, page)), 0);
      }
      if (globalCopies.get(globalBit(page))) {
        dropInAllSpaces(page);
      }
    }
    jumps.dropPages(firstPage, pages);
  }

  @Override
  public void forEachCurrent(Visitor visitor) {
    settle();
    for (View view : VIEWS) {
      for (int slot = 0; slot < StateBlock.TLB_ENTRIES; slot++) {
        int at = view.tlb() + StateBlock.ENTRY_BYTES * slot;
        show("first level of translated code", view, at, slot, visitor);
      }
    }
    for (int slot = 0; slot < StateBlock.L2_ENTRIES; slot++) {
      int at = StateBlock.L2 + StateBlock.ENTRY_BYTES * slot;
      long page = -state.get(at + 8);
      for (View view : VIEWS) {
        if (state.get(at) != 0 && state.get(at) == tag(view, page)) {
          show(
              "second level of translated code",
              view,
              at + 8,
              (int) (page >>> 12) & StateBlock.TLB_ENTRIES - 1,
              visitor);
        }
      }
    }
  }

  /** Tags and host page of an entry lie alike in both levels. */
  private void show(String where, View view, int at, int slot, Visitor visitor) {
    long readTag = state.get(at + StateBlock.READ_TAG);
    long writeTag = state.get(at + StateBlock.WRITE_TAG);
    int page = StateBlock.TLB_ENTRIES - 1;
    boolean readable = (-readTag >>> 12 & page) == slot;
    boolean writable = (-writeTag >>> 12 & page) == slot;
    if (readable || writable) {
      visitor.translation(
          where,
          view.privilege(),
          readable ? -readTag : -writeTag,
          state.get(at + StateBlock.HOST_PAGE) - HOST_BASE,
          (readable ? 1 : 0) | (writable ? 2 : 0));
    }
  }

  private static int globalBit(long page) {
    long number = page >>> 12;
    return (int) (number ^ number >>> 12) & GLOBAL_BITS - 1;
  }

  /** A global page may be there under the key of any address space. */
  private void dropInAllSpaces(long page) {
    for (int slot = 0; slot < StateBlock.L2_ENTRIES; slot++) {
      int at = StateBlock.L2 + StateBlock.ENTRY_BYTES * slot;
      if ((state.get(at) ^ page) << 4 >>> 16 == 0) { // without view and context
        state.set(at, 0);
      }
    }
  }

  private void dropFirst(int at, boolean read) {
    long tag = emptyTag((long) (at - StateBlock.TLB) / StateBlock.ENTRY_BYTES << 12);
    if (read) {
      state.set(at + StateBlock.READ_TAG, tag);
    }
    state.set(at + StateBlock.WRITE_TAG, tag);
  }

  @Override
  public void revoked(long firstMfn, long count, boolean read, boolean write, boolean execute) {
    if (execute) {
      jumps.clear();
    }
    if (!read && count == 1) {
      revokeWrites(firstMfn);
    } else {
      revokeEverywhere(firstMfn, count, read);
    }
  }

  private void revokeWrites(long mfn) {
    int number = writers.first(mfn);
    while (number != EntryChains.NONE) {
      int behind = writers.next(number);
      int second = StateBlock.L2 + StateBlock.ENTRY_BYTES * number;
      if (isIn(state.get(second + 24), mfn, 1)) {
        writers.unlink(number);
        dropFirstWrites(second, mfn);
        state.set(second, 0);
      }
      number = behind;
    }
  }

  private void revokeEverywhere(long firstMfn, long count, boolean read) {
    for (int slot = 0; slot < VIEWS.length * StateBlock.TLB_ENTRIES; slot++) {
      revokeFirst(StateBlock.TLB + StateBlock.ENTRY_BYTES * slot, firstMfn, count, read);
    }
    for (int slot = 0; slot < StateBlock.L2_ENTRIES; slot++) {
      revokeSecond(StateBlock.L2 + StateBlock.ENTRY_BYTES * slot, firstMfn, count);
    }
  }

  private void revokeFirst(int at, long firstMfn, long count, boolean read) {
    if (isIn(state.get(at + StateBlock.HOST_PAGE), firstMfn, count)) {
      dropFirst(at, read);
    }
  }

  private void revokeSecond(int at, long firstMfn, long count) {
    if (isIn(state.get(at + 24), firstMfn, count)) {
      state.set(at, 0);
    }
  }

  private static boolean isIn(long hostPage, long firstMfn, long count) {
    long mfn = hostPage - HOST_BASE >>> 12;
    return mfn >= firstMfn && mfn - firstMfn < count;
  }
}
