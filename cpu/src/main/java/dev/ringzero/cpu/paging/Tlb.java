package dev.ringzero.cpu.paging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The translation lookaside buffer: a {@link FirstLevelTlb}, behind it a {@link SecondLevelTlb},
 * which keeps global pages under a context number of their own; and the context numbers that tell
 * address spaces apart. Dropping an address space is taking a new number for it.
 */
final class Tlb {
  /** Mark of a device page in {@link #find}: the address is then a gpa. */
  static final int DEVICE = 1 << 3 * Access.PRIVILEGES;

  /** Where a {@link TranslationCopies.Visitor} is told that a page was found. */
  static final String SECOND_LEVEL = "second level of the TLB";

  /** What {@link #find} returns when it knows nothing. */
  static final long NOTHING = -1;

  private static final int CONTEXTS = 4096;
  private static final int PAIRS = 16; // a few programs that take turns, with their kernel

  private final FirstLevelTlb first = new FirstLevelTlb();
  private final SecondLevelTlb second = new SecondLevelTlb();

  /** The space of what runs outside all inner guests. */
  private final Space outermost = new Space();

  private final List<Space> spaces = new ArrayList<>(List.of(outermost));
  private Space space = outermost;
  private int nextContext = 1;
  private long globalContext;

  /** What pages of this address space alone carry behind the first level. */
  private long ownContext;

  private long context;
  private int currentPcid;

  /** First-level numbers of pairs of halves, see {@link #select(int, int)}. */
  private final long[] pairs = new long[2 * PAIRS];

  private final long[] contextOfPair = new long[PAIRS];
  private final long[] pairUsed = new long[PAIRS];
  private long pairUses;
  private int rounds;

  Tlb() {
    flushAll();
  }

  /** Entries of the first level for a privilege. */
  long[] entries(int privilege) {
    return first.entries(privilege);
  }

  /** The context number that tags of the current address space carry in the first level. */
  long context() {
    return context;
  }

  /** The one that pages of the current address space alone carry behind the first level. */
  long ownContext() {
    return ownContext;
  }

  /** The context number that tags of global pages carry. */
  long globalContext() {
    return globalContext;
  }

  /** Grows whenever context numbers are given out anew. */
  int rounds() {
    return rounds;
  }

  // --- look-up and filling

  /**
   * What the second level knows of a page of the current address space: the machine address of the
   * page, or-ed with its rights and {@link #DEVICE}; or {@link #NOTHING}.
   */
  long find(long page) {
    int slot = second.find(page, ownContext);
    if (slot < 0) {
      slot = second.find(page, globalContext);
    }
    return slot < 0 ? NOTHING : second.data(slot);
  }

  /** Whether what {@link #find} knows of a page holds in all address spaces. */
  boolean isGlobal(long page) {
    return second.find(page, ownContext) < 0;
  }

  /**
   * Puts a page into the second level.
   *
   * @param data as {@link #find} returns it
   * @param sizeShift log2 of the size of the guest's page
   */
  void insert(long page, long data, boolean global, int sizeShift) {
    second.insert(page, global ? globalContext : ownContext, data);
    if (sizeShift >= 30) {
      space.hugeRegions |= 1L << hugeRegion(page);
    } else if (sizeShift > 12) {
      int region = largeRegion(page);
      space.largeRegions[region >> 6] |= 1L << region;
      space.cleanRegions[region] = 0;
    }
  }

  /** Drops everything, and makes the second level small. */
  void trim() {
    first.clear();
    second.trim();
  }

  /** Puts a page of machine memory into the first level, with these rights. */
  void insertFirst(int privilege, long page, long hpaPage, int rights) {
    first.insert(privilege, page | context, hpaPage, rights);
  }

  /** Shows all that it knows of the current address space, but devices. */
  void forEachCurrent(TranslationCopies.Visitor visitor) {
    second.forEach(ownContext, globalContext, visitor);
    first.forEach(context, visitor);
  }

  private static int largeRegion(long page) {
    long number = page >>> 22;
    return (int) (number ^ number >>> 12) & 4095;
  }

  private static int hugeRegion(long page) {
    return (int) (page >>> 30) & 63;
  }

  // --- address spaces

  /** A space that no inner guest has used. */
  Space newSpace() {
    Space fresh = new Space();
    spaces.add(fresh);
    return fresh;
  }

  /** What runs from now on is in this space, null for the outermost; then {@link #select}. */
  void enter(Space next) {
    space = next == null ? outermost : next;
  }

  Space space() {
    return space;
  }

  /** Makes a PCID's address space the current one. */
  void select(int pcid) {
    currentPcid = pcid;
    if (space.globalContext == 0) {
      space.globalContext = takeContext();
    }
    if (space.contextOfPcid[pcid] == 0) {
      space.contextOfPcid[pcid] = takeContext();
    }
    ownContext = space.contextOfPcid[pcid];
    context = ownContext;
    globalContext = space.globalContext;
  }

  /**
   * Makes two halves the current address space, each with a tag in place of a PCID: pages of the
   * upper one are the global ones for as long as it is selected.
   */
  void select(int lower, int upper) {
    if (nextContext > CONTEXTS - 4) {
      startOver(); // not between the numbers that are taken here
    }
    select(lower);
    if (space.contextOfPcid[upper] == 0) {
      space.contextOfPcid[upper] = takeContext();
    }
    globalContext = space.contextOfPcid[upper];
    context = contextOfPair(ownContext, globalContext);
  }

  private long contextOfPair(long lower, long upper) {
    int oldest = 0;
    for (int i = 0; i < PAIRS; i++) {
      if (pairs[2 * i] == lower && pairs[2 * i + 1] == upper) {
        pairUsed[i] = ++pairUses;
        return contextOfPair[i];
      }
      if (pairUsed[i] < pairUsed[oldest]) {
        oldest = i;
      }
    }
    pairs[2 * oldest] = lower;
    pairs[2 * oldest + 1] = upper;
    pairUsed[oldest] = ++pairUses;
    contextOfPair[oldest] = takeContext();
    return contextOfPair[oldest];
  }

  /** Drops all pages of a PCID but the global ones; the current one must be selected again. */
  void forget(int pcid) {
    space.contextOfPcid[pcid] = 0;
  }

  void flushAllButGlobal() {
    Arrays.fill(space.contextOfPcid, 0);
    select(currentPcid);
  }

  /** Drops all pages of the current space. */
  void flushAll() {
    flush(space);
    select(currentPcid);
  }

  /** Drops all pages of a space; if it is the current one, it must be selected again. */
  void flush(Space old) {
    Arrays.fill(old.largeRegions, 0);
    old.hugeRegions = 0;
    old.globalContext = 0;
    Arrays.fill(old.contextOfPcid, 0);
  }

  /** Drops all pages of all spaces. */
  void flushSpaces() {
    spaces.forEach(this::flush);
    select(currentPcid);
  }

  private int takeContext() {
    if (nextContext == CONTEXTS) {
      startOver();
    }
    return nextContext++;
  }

  /** All numbers were used: empties everything, and begins to number again. */
  private void startOver() {
    rounds++;
    first.clear();
    second.clear();
    for (Space each : spaces) {
      Arrays.fill(each.contextOfPcid, 0);
      Arrays.fill(each.cleanRegions, 0);
      each.globalContext = 0;
    }
    Arrays.fill(pairs, 0);
    nextContext = 1;
    space.globalContext = nextContext++;
  }

  // --- dropping pages

  /**
   * INVLPG: drops a page of the current address space, and the global one.
   *
   * @return how many pages were dropped, from the start of a region of that size on; 0 if all
   */
  int drop(long linear) {
    long page = linear & FirstLevelTlb.PAGE;
    if ((space.hugeRegions & 1L << hugeRegion(page)) != 0) {
      flushAll();
      return 0;
    }
    int region = largeRegion(page);
    if ((space.largeRegions[region >> 6] & 1L << region) != 0) {
      long start = page & -(1L << 22);
      if (space.cleanRegions[region] == (start | context)) {
        dropPage(page);
        return 1;
      }
      space.cleanRegions[region] = start | context;
      for (int i = 0; i < 1024; i++) {
        dropPage(start + i * 4096L);
      }
      return 1024;
    }
    dropPage(page);
    return 1;
  }

  private void dropPage(long page) {
    first.drop(page);
    second.drop(page, ownContext);
    second.drop(page, globalContext);
  }

  /** Drops the right to write machine frames without a look at their flags. */
  void revokeUnnoticedWrites(long firstMfn, long count) {
    first.revoke(firstMfn, count, Access.ALL_WRITE);
  }

  /** Drops rights to machine frames, in all address spaces. */
  void revoke(long firstMfn, long count, int rights) {
    first.revoke(firstMfn, count, rights);
    second.revoke(firstMfn, count, rights);
  }
}
