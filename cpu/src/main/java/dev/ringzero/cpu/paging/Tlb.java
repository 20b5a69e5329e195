package dev.ringzero.cpu.paging;

import java.util.Arrays;

/**
 * The translation lookaside buffer: a {@link FirstLevelTlb}, behind it a larger, hashed level that
 * keeps the rights of all privileges, marks device pages, and keeps global pages under a context
 * number of their own; and the context numbers that tell address spaces apart. Dropping an address
 * space is taking a new number for it.
 */
final class Tlb {
  private static final long NO_TAG = FirstLevelTlb.NO_TAG;

  /** Mark of a device page in {@link #find}: the address is then a gpa. */
  static final int DEVICE = 1 << 3 * Access.PRIVILEGES;

  /** What {@link #find} returns when it knows nothing. */
  static final long NOTHING = -1;

  private static final int SECOND_PAGES = 32768;
  private static final int CONTEXTS = 4096;
  private static final int PCIDS = 4096;

  private final FirstLevelTlb first = new FirstLevelTlb();
  private final long[] secondTags = new long[SECOND_PAGES];
  private final long[] secondData = new long[SECOND_PAGES];

  private final int[] contextOfPcid = new int[PCIDS];
  private int nextContext = 1;
  private long globalContext;
  private long context;
  private int currentPcid;
  private int rounds;

  /** Linear regions that were mapped by large pages; one bit stands for several of them. */
  private final long[] largeRegions = new long[64];

  private long hugeRegions;

  /**
   * By the same number as {@link #largeRegions}: start and context of the region that was last
   * dropped as a whole and has had no large page since, else 0. Its pages can be dropped one by
   * one.
   */
  private final long[] cleanRegions = new long[4096];

  Tlb() {
    flushAll();
  }

  /** Entries of the first level for a privilege. */
  long[] entries(int privilege) {
    return first.entries(privilege);
  }

  /** The context number that tags of the current address space carry. */
  long context() {
    return context;
  }

  /** The context number that tags of global pages carry. */
  long globalContext() {
    return globalContext;
  }

  /** Grows whenever context numbers are given out anew. */
  int rounds() {
    return rounds;
  }

  private static int secondSlot(long page, long tagContext) {
    long number = page >>> 12;
    return (int) (number ^ number >>> 13 ^ tagContext * 0x61) & SECOND_PAGES - 1;
  }

  // --- look-up and filling

  /**
   * What the second level knows of a page of the current address space: the machine address of the
   * page, or-ed with its rights and {@link #DEVICE}; or {@link #NOTHING}.
   */
  long find(long page) {
    int slot = secondSlot(page, context);
    if (secondTags[slot] == (page | context)) {
      return secondData[slot];
    }
    slot = secondSlot(page, globalContext);
    return secondTags[slot] == (page | globalContext) ? secondData[slot] : NOTHING;
  }

  /** Whether what {@link #find} knows of a page holds in all address spaces. */
  boolean isGlobal(long page) {
    return secondTags[secondSlot(page, context)] != (page | context);
  }

  /**
   * Puts a page into the second level.
   *
   * @param data as {@link #find} returns it
   * @param sizeShift log2 of the size of the guest's page
   */
  void insert(long page, long data, boolean global, int sizeShift) {
    long tagContext = global ? globalContext : context;
    int slot = secondSlot(page, tagContext);
    secondTags[slot] = page | tagContext;
    secondData[slot] = data;
    if (sizeShift >= 30) {
      hugeRegions |= 1L << hugeRegion(page);
    } else if (sizeShift > 12) {
      int region = largeRegion(page);
      largeRegions[region >> 6] |= 1L << region;
      cleanRegions[region] = 0;
    }
  }

  /** Puts a page of machine memory into the first level, with these rights. */
  void insertFirst(int privilege, long page, long hpaPage, int rights) {
    first.insert(privilege, page | context, hpaPage, rights);
  }

  private static int largeRegion(long page) {
    long number = page >>> 22;
    return (int) (number ^ number >>> 12) & 4095;
  }

  private static int hugeRegion(long page) {
    return (int) (page >>> 30) & 63;
  }

  // --- address spaces

  /** Makes a PCID's address space the current one. */
  void select(int pcid) {
    currentPcid = pcid;
    if (contextOfPcid[pcid] == 0) {
      contextOfPcid[pcid] = takeContext();
    }
    context = contextOfPcid[pcid];
  }

  /** Drops all pages of a PCID but the global ones; the current one must be selected again. */
  void forget(int pcid) {
    contextOfPcid[pcid] = 0;
  }

  void flushAllButGlobal() {
    Arrays.fill(contextOfPcid, 0);
    select(currentPcid);
  }

  void flushAll() {
    Arrays.fill(largeRegions, 0);
    hugeRegions = 0;
    globalContext = 0;
    globalContext = takeContext();
    flushAllButGlobal();
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
    Arrays.fill(secondTags, NO_TAG);
    Arrays.fill(contextOfPcid, 0);
    Arrays.fill(cleanRegions, 0);
    nextContext = 1;
    globalContext = nextContext++;
  }

  // --- dropping pages

  /**
   * INVLPG: drops a page of the current address space, and the global one.
   *
   * @return how many pages were dropped, from the start of a region of that size on; 0 if all
   */
  int drop(long linear) {
    long page = linear & FirstLevelTlb.PAGE;
    if ((hugeRegions & 1L << hugeRegion(page)) != 0) {
      flushAll();
      return 0;
    }
    int region = largeRegion(page);
    if ((largeRegions[region >> 6] & 1L << region) != 0) {
      long start = page & -(1L << 22);
      if (cleanRegions[region] == (start | context)) {
        dropPage(page);
        return 1;
      }
      cleanRegions[region] = start | context;
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
    dropSecond(page, context);
    dropSecond(page, globalContext);
  }

  private void dropSecond(long page, long tagContext) {
    int slot = secondSlot(page, tagContext);
    if (secondTags[slot] == (page | tagContext)) {
      secondTags[slot] = NO_TAG;
    }
  }

  /** Drops the right to write machine frames without a look at their flags. */
  void revokeUnnoticedWrites(long firstMfn, long count) {
    first.revoke(firstMfn, count, Access.ALL_WRITE);
  }

  /** Drops rights to machine frames, in all address spaces. */
  void revoke(long firstMfn, long count, int rights) {
    first.revoke(firstMfn, count, rights);
    for (int slot = 0; slot < SECOND_PAGES; slot++) {
      long mfn = secondData[slot] >>> 12;
      if (mfn >= firstMfn && mfn - firstMfn < count) {
        secondData[slot] &= ~(long) rights;
      }
    }
  }
}
