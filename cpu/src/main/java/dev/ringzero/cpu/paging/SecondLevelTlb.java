package dev.ringzero.cpu.paging;

import java.util.Arrays;

/**
 * The large part of the TLB: hashed, one entry in a place, which keeps the rights of all
 * privileges. Entries that let a frame be written are chained by its number, so that taking the
 * right to write one frame away, as is done with each frame that becomes a page table or code,
 * searches nothing.
 */
final class SecondLevelTlb {
  private static final long NO_TAG = FirstLevelTlb.NO_TAG;
  private static final int FEWEST_PAGES = 1024;
  private static final int MOST_PAGES = 32768;

  private long[] tags;
  private long[] data;

  /** Entries by frame, that let it be written. */
  private EntryChains writers;

  /** How often a page took the place of another of the same address space. */
  private int displaced;

  SecondLevelTlb() {
    trim();
  }

  /** Drops everything, and becomes small. */
  void trim() {
    resize(FEWEST_PAGES);
  }

  private void resize(int pages) {
    displaced = 0;
    tags = new long[pages];
    data = new long[pages];
    writers = new EntryChains(pages);
  }

  private int slot(long page, long context) {
    long number = page >>> 12;
    return (int) (number ^ number >>> 13 ^ context * 0x61) & tags.length - 1;
  }

  /** Where a page of a context is, or -1. */
  int find(long page, long context) {
    int slot = slot(page, context);
    return tags[slot] == (page | context) ? slot : -1;
  }

  /** The machine page, or-ed with its rights and {@link Tlb#DEVICE}. */
  long data(int slot) {
    return data[slot];
  }

  void insert(long page, long context, long pageData) {
    int slot = slot(page, context);
    if ((tags[slot] & ~FirstLevelTlb.PAGE) == context
        && tags[slot] != (page | context)
        && ++displaced > tags.length / 8
        && tags.length < MOST_PAGES) {
      grow();
      slot = slot(page, context);
    }
    put(slot, page | context, pageData);
  }

  private void put(int slot, long tag, long pageData) {
    tags[slot] = tag;
    data[slot] = pageData;
    if ((pageData & Access.ALL_WRITE) != 0 && (pageData & Tlb.DEVICE) == 0) {
      writers.link(slot, pageData >>> 12);
    } else {
      writers.unlink(slot);
    }
  }

  private void grow() {
    long[] oldTags = tags;
    long[] oldData = data;
    resize(4 * oldTags.length);
    for (int old = 0; old < oldTags.length; old++) {
      long tag = oldTags[old];
      if (tag != NO_TAG) {
        put(slot(tag & FirstLevelTlb.PAGE, tag & ~FirstLevelTlb.PAGE), tag, oldData[old]);
      }
    }
  }

  /** Drops a page of a context. */
  void drop(long page, long context) {
    int slot = slot(page, context);
    if (tags[slot] == (page | context)) {
      tags[slot] = NO_TAG;
    }
  }

  /** Drops everything. */
  void clear() {
    Arrays.fill(tags, NO_TAG);
  }

  /** Drops rights to machine frames, in all address spaces. */
  void revoke(long firstMfn, long count, int rights) {
    if (count == 1 && (rights & ~Access.ALL_WRITE) == 0) {
      revokeWrites(firstMfn, rights);
      return;
    }
    for (int slot = 0; slot < tags.length; slot++) {
      long mfn = data[slot] >>> 12;
      if (mfn >= firstMfn && mfn - firstMfn < count) {
        data[slot] &= ~(long) rights;
      }
    }
  }

  private void revokeWrites(long mfn, int rights) {
    int slot = writers.first(mfn);
    while (slot != EntryChains.NONE) {
      int behind = writers.next(slot);
      if (data[slot] >>> 12 == mfn) {
        data[slot] &= ~(long) rights;
        writers.unlink(slot);
      }
      slot = behind;
    }
  }

  /** Shows all entries of two contexts, but devices. */
  void forEach(long context, long otherContext, TranslationCopies.Visitor visitor) {
    for (int slot = 0; slot < tags.length; slot++) {
      long tagContext = tags[slot] & ~FirstLevelTlb.PAGE;
      if (tags[slot] != NO_TAG
          && (tagContext == context || tagContext == otherContext)
          && (data[slot] & Tlb.DEVICE) == 0) {
        show(slot, visitor);
      }
    }
  }

  private void show(int slot, TranslationCopies.Visitor visitor) {
    for (int privilege = 0; privilege < Access.PRIVILEGES; privilege++) {
      int rights = (int) data[slot] >>> 3 * privilege & 7;
      if (rights != 0) {
        visitor.translation(
            Tlb.SECOND_LEVEL,
            privilege,
            tags[slot] & FirstLevelTlb.PAGE,
            data[slot] & FirstLevelTlb.PAGE,
            rights);
      }
    }
  }
}
