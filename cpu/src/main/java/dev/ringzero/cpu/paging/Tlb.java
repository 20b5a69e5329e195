package dev.ringzero.cpu.paging;

import java.util.Arrays;

/**
 * The translation lookaside buffer, in two levels, of 4 KiB pages.
 *
 * <p>The first level is what memory accesses look at: a direct-mapped array for each privilege, so
 * that a change of privilege drops nothing. An entry is four longs, see {@link #READ_TAG}. A tag is
 * the page of the linear address or-ed with a context number below 4096, so that one compare covers
 * page, address space, permission, page crossing, and pages that need the slow path (devices, code,
 * pages not yet dirty): their tags are {@link #NO_TAG}.
 *
 * <p>The second level is larger and hashed. It keeps the rights of all privileges, marks device
 * pages, and keeps global pages under a context number of their own.
 *
 * <p>Dropping an address space is taking a new context number for it.
 */
final class Tlb {
  /** Pages of each array of the first level. */
  static final int PAGES = 2048;

  /** Places in an entry of the first level. */
  static final int READ_TAG = 0, WRITE_TAG = 1, EXECUTE_TAG = 2;

  /** What is added to the linear address to get the machine address. */
  static final int ADDEND = 3;

  static final int ENTRY_SHIFT = 2;

  /** A tag that no access has: context number 0. */
  static final long NO_TAG = 0;

  static final long PAGE = -4096L;

  /** Mark of a device page in {@link #find}: the address is then a gpa. */
  static final int DEVICE = 1 << 3 * Access.PRIVILEGES;

  /** What {@link #find} returns when it knows nothing. */
  static final long NOTHING = -1;

  private static final int SECOND_PAGES = 8192;
  private static final int CONTEXTS = 4096;
  private static final int PCIDS = 4096;

  private final long[][] first = new long[Access.PRIVILEGES][PAGES << ENTRY_SHIFT];
  private final long[] secondTags = new long[SECOND_PAGES];
  private final long[] secondData = new long[SECOND_PAGES];

  private final int[] contextOfPcid = new int[PCIDS];
  private int nextContext = 1;
  private long globalContext;
  private long context;
  private int currentPcid;

  /** Linear regions that were mapped by large pages; one bit stands for several of them. */
  private final long[] largeRegions = new long[64];

  private long hugeRegions;

  Tlb() {
    flushAll();
  }

  /** Entries of the first level for a privilege. */
  long[] entries(int privilege) {
    return first[privilege];
  }

  /** The context number that tags of the current address space carry. */
  long context() {
    return context;
  }

  static int slot(long linear) {
    return ((int) (linear >>> 12) & PAGES - 1) << ENTRY_SHIFT;
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
    }
  }

  /** Puts a page of machine memory into the first level. */
  void insertFirst(int privilege, long page, long hpaPage, int rights, boolean writable) {
    long[] entries = first[privilege];
    int slot = slot(page);
    long tag = page | context;
    int own = rights >>> 3 * privilege;
    entries[slot + READ_TAG] = (own & 1) != 0 ? tag : NO_TAG;
    entries[slot + WRITE_TAG] = (own & 2) != 0 && writable ? tag : NO_TAG;
    entries[slot + EXECUTE_TAG] = (own & 4) != 0 ? tag : NO_TAG;
    entries[slot + ADDEND] = hpaPage - page;
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
    for (long[] entries : first) {
      Arrays.fill(entries, NO_TAG);
    }
    Arrays.fill(secondTags, NO_TAG);
    Arrays.fill(contextOfPcid, 0);
    nextContext = 1;
    globalContext = nextContext++;
  }

  // --- dropping pages

  /** INVLPG: drops a page of the current address space, and the global one. */
  void drop(long linear) {
    long page = linear & PAGE;
    if ((hugeRegions & 1L << hugeRegion(page)) != 0) {
      flushAll();
      return;
    }
    int region = largeRegion(page);
    if ((largeRegions[region >> 6] & 1L << region) != 0) {
      long start = page & -(1L << 22);
      for (int i = 0; i < 1024; i++) {
        dropPage(start + i * 4096L);
      }
    } else {
      dropPage(page);
    }
  }

  private void dropPage(long page) {
    int slot = slot(page);
    for (long[] entries : first) {
      entries[slot + READ_TAG] = NO_TAG;
      entries[slot + WRITE_TAG] = NO_TAG;
      entries[slot + EXECUTE_TAG] = NO_TAG;
    }
    dropSecond(page, context);
    dropSecond(page, globalContext);
  }

  private void dropSecond(long page, long tagContext) {
    int slot = secondSlot(page, tagContext);
    if (secondTags[slot] == (page | tagContext)) {
      secondTags[slot] = NO_TAG;
    }
  }

  /** Drops rights to machine frames, in all address spaces. */
  void revoke(long firstMfn, long count, int rights) {
    if ((rights & ~Access.ALL_WRITE) != 0) {
      }
    for (long[] entries : first) {
      revokeFirst(entries, firstMfn, count, rights);
    }
    for (int slot = 0; slot < SECOND_PAGES; slot++) {
      if ((secondData[slot] >>> 12) - firstMfn < count && secondData[slot] >>> 12 >= firstMfn) {
        secondData[slot] &= ~(long) rights;
      }
    }
  }

  private static void revokeFirst(long[] entries, long firstMfn, long count, int rights) {
    for (int slot = 0; slot < entries.length; slot += 1 << ENTRY_SHIFT) {
      long tag =
          entries[slot + READ_TAG] | entries[slot + WRITE_TAG] | entries[slot + EXECUTE_TAG];
      long mfn = (tag & PAGE) + entries[slot + ADDEND] >>> 12;
      if (mfn >= firstMfn && mfn - firstMfn < count) {
        revokeEntry(entries, slot, rights);
      }
    }
  }

  private static void revokeEntry(long[] entries, int slot, int rights) {
    if ((rights & Access.ALL_READ) != 0) {
      entries[slot + READ_TAG] = NO_TAG;
    }
    if ((rights & Access.ALL_WRITE) != 0) {
      entries[slot + WRITE_TAG] = NO_TAG;
    }
    if ((rights & Access.ALL_EXECUTE) != 0) {
      entries[slot + EXECUTE_TAG] = NO_TAG;
    }
  }
}
