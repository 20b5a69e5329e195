package dev.ringzero.cpu.paging;

import java.util.Arrays;

/**
 * The part of the TLB that every memory access looks at: a direct-mapped array of 4 KiB pages for
 * each privilege, so that a change of privilege drops nothing. An entry is four longs, see {@link
 * #READ_TAG}. A tag is the page of the linear address or-ed with a context number below 4096, so
 * that one compare covers page, address space, permission, page crossing, and pages that need the
 * slow path (devices, code, pages not yet dirty): their tags are {@link #NO_TAG}.
 */
final class FirstLevelTlb {
  /** Pages of each array. */
  static final int PAGES = 2048;

  /** Places in an entry. */
  static final int READ_TAG = 0, WRITE_TAG = 1, EXECUTE_TAG = 2;

  /** What is added to the linear address to get the machine address. */
  static final int ADDEND = 3;

  /** A tag that no access has: context number 0. */
  static final long NO_TAG = 0;

  static final long PAGE = -4096L;

  private static final int ENTRY_SHIFT = 2;
  private static final int ENTRY = 1 << ENTRY_SHIFT;
  private static final int ENTRIES = Integer.highestOneBit(2 * Access.PRIVILEGES * PAGES - 1);

  /** Length of each array. */
  static final int LONGS = PAGES << ENTRY_SHIFT;

  private final long[][] arrays = new long[Access.PRIVILEGES][LONGS];

  /** Entries by frame, that let it be written. */
  private final EntryChains writers = new EntryChains(ENTRIES);

  /** Entries for a privilege. */
  long[] entries(int privilege) {
    return arrays[privilege];
  }

  /** Where the entry of an address is. */
  static int slot(long linear) {
    return ((int) (linear >>> 12) & PAGES - 1) << ENTRY_SHIFT;
  }

  /**
   * Puts a page of machine memory in.
   *
   * @param tag the page or-ed with its context number
   * @param rights as {@link Access#right}
   */
  void insert(int privilege, long tag, long hpaPage, int rights) {
    long[] entries = arrays[privilege];
    int slot = slot(tag);
    dropWrite(privilege, slot);
    int own = rights >>> 3 * privilege;
    entries[slot + READ_TAG] = (own & 1) != 0 ? tag : NO_TAG;
    entries[slot + EXECUTE_TAG] = (own & 4) != 0 ? tag : NO_TAG;
    entries[slot + ADDEND] = hpaPage - (tag & PAGE);
    if ((own & 2) != 0) {
      entries[slot + WRITE_TAG] = tag;
      writers.link(number(privilege, slot), hpaPage >>> 12);
    }
  }

  private static int number(int privilege, int slot) {
    return privilege * PAGES + (slot >> ENTRY_SHIFT);
  }

  private void dropWrite(int privilege, int slot) {
    long[] entries = arrays[privilege];
    if (entries[slot + WRITE_TAG] != NO_TAG) {
      writers.unlink(number(privilege, slot));
      entries[slot + WRITE_TAG] = NO_TAG;
    }
  }

  /** Shows all pages of a context. */
  void forEach(long context, TranslationCopies.Visitor visitor) {
    for (int privilege = 0; privilege < arrays.length; privilege++) {
      long[] entries = arrays[privilege];
      for (int slot = 0; slot < entries.length; slot += ENTRY) {
        long tag =
            entries[slot + READ_TAG] | entries[slot + WRITE_TAG] | entries[slot + EXECUTE_TAG];
        int rights = entries[slot + READ_TAG] != NO_TAG ? 1 : 0;
        rights |= entries[slot + WRITE_TAG] != NO_TAG ? 1 << Access.WRITE : 0;
        rights |= entries[slot + EXECUTE_TAG] != NO_TAG ? 1 << Access.EXECUTE : 0;
        if (rights != 0 && (tag & ~PAGE) == context) {
          visitor.translation(
              "first level of the TLB",
              privilege,
              tag & PAGE,
              (tag & PAGE) + entries[slot + ADDEND],
              rights);
        }
      }
    }
  }

  /** Drops everything. */
  void clear() {
    for (long[] entries : arrays) {
      Arrays.fill(entries, NO_TAG);
    }
    writers.clear();
  }

  /** Drops a page, in all address spaces. */
  void drop(long page) {
    int slot = slot(page);
    for (int privilege = 0; privilege < arrays.length; privilege++) {
      dropWrite(privilege, slot);
      arrays[privilege][slot + READ_TAG] = NO_TAG;
      arrays[privilege][slot + EXECUTE_TAG] = NO_TAG;
    }
  }

  /** Drops rights to machine frames, in all address spaces. */
  void revoke(long firstMfn, long count, int rights) {
    if (count == 1 && (rights & ~Access.ALL_WRITE) == 0) {
      revokeWrites(firstMfn);
      return;
    }
    for (int privilege = 0; privilege < arrays.length; privilege++) {
      for (int slot = 0; slot < LONGS; slot += ENTRY) {
        long mfn = frame(arrays[privilege], slot);
        if (mfn >= firstMfn && mfn - firstMfn < count) {
          dropRights(privilege, slot, rights);
        }
      }
    }
  }

  private void revokeWrites(long mfn) {
    int number = writers.first(mfn);
    while (number != EntryChains.NONE) {
      int behind = writers.next(number);
      int privilege = number / PAGES;
      int slot = (number & PAGES - 1) << ENTRY_SHIFT;
      if (frame(arrays[privilege], slot) == mfn) {
        dropWrite(privilege, slot);
      }
      number = behind;
    }
  }

  private static long frame(long[] entries, int slot) {
    long tag = entries[slot + READ_TAG] | entries[slot + WRITE_TAG] | entries[slot + EXECUTE_TAG];
    return tag == NO_TAG ? -1 : (tag & PAGE) + entries[slot + ADDEND] >>> 12;
  }

  private void dropRights(int privilege, int slot, int rights) {
    long[] entries = arrays[privilege];
    if ((rights & Access.ALL_READ) != 0) {
      entries[slot + READ_TAG] = NO_TAG;
    }
    if ((rights & Access.ALL_WRITE) != 0) {
      dropWrite(privilege, slot);
    }
    if ((rights & Access.ALL_EXECUTE) != 0) {
      entries[slot + EXECUTE_TAG] = NO_TAG;
    }
  }
}
