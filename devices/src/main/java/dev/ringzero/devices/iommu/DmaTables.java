package dev.ringzero.devices.iommu;

import dev.ringzero.memory.GuestMemory;

/**
 * Walks root, context and second-level tables in legacy mode.
 *
 * <p>Not modelled: scalable mode, first-level and nested translation, device TLBs, 5 levels.
 *
 * @spec Intel VT-d 4.1, "Legacy Mode Address Translation", "Second-Stage Paging Entries"
 */
final class DmaTables {
  private static final int PRESENT = 1;
  private static final int FAULTS_OFF = 1 << 1; // FPD
  private static final long ADDRESS = 0x000F_FFFF_FFFF_F000L;
  private static final long ROOT_RESERVED = 0xFFEL;

  private static final int TRANSLATED = 0;
  private static final int PASS_THROUGH = 2;

  private static final int WIDTH_39 = 1;
  private static final int WIDTH_48 = 2;
  private static final long CONTEXT_HIGH_RESERVED = ~0xFF_FF7FL;

  static final int READ = 1;
  static final int WRITE = 2;
  private static final int LARGE = 1 << 7;
  private static final int PAGE_SHIFT = 12;
  private static final int LEVEL_BITS = 9;
  private static final int TABLE_MASK = 511;

  private final GuestMemory memory;

  DmaTables(GuestMemory memory) {
    this.memory = memory;
  }

  /** Learns which entries a walk reads. */
  @FunctionalInterface
  interface Trace {
    /**
     * An entry was read.
     *
     * @param name such as "root" or "level 2"
     * @param high the upper half of an entry of 16 bytes; 0 for others
     */
    void read(String name, long gpa, long low, long high);
  }

  /** What a walk found. */
  static final class Result {
    Fault fault;

    /** Whether the fault is to be recorded. */
    boolean recorded;

    /** The page's guest-physical address, and what may be done there. */
    long gpa;

    int rights;

    Trace trace;

    void fail(Fault with, boolean isRecorded) {
      fault = with;
      recorded = isRecorded;
    }
  }

  /** Translates the page of an address that a function put on the bus. */
  void walk(long rootTable, int requesterId, long address, Result result) {
    result.fault = null;
    long root = rootTable + (requesterId >>> 8) * 16L;
    if (!memory.isRam(root, 16)) {
      result.fail(Fault.ROOT_TABLE_UNREADABLE, true);
      return;
    }
    long entry = memory.read64(root);
    if (result.trace != null) {
      result.trace.read("root", root, entry, memory.read64(root + 8));
    }
    if ((entry & PRESENT) == 0) {
      result.fail(Fault.ROOT_NOT_PRESENT, true);
      return;
    }
    if ((entry & ROOT_RESERVED) != 0 || memory.read64(root + 8) != 0) {
      result.fail(Fault.ROOT_RESERVED, true);
      return;
    }
    context((entry & ADDRESS) + (requesterId & 0xFF) * 16L, address, result);
  }

  private void context(long at, long address, Result result) {
    if (!memory.isRam(at, 16)) {
      result.fail(Fault.CONTEXT_TABLE_UNREADABLE, true);
      return;
    }
    long low = memory.read64(at);
    long high = memory.read64(at + 8);
    if (result.trace != null) {
      result.trace.read("context", at, low, high);
    }
    boolean recorded = (low & FAULTS_OFF) == 0;
    if ((low & PRESENT) == 0) {
      result.fail(Fault.CONTEXT_NOT_PRESENT, recorded);
      return;
    }
    int width = (int) high & 7;
    int type = (int) low >>> 2 & 3;
    if ((high & CONTEXT_HIGH_RESERVED) != 0) {
      result.fail(Fault.CONTEXT_RESERVED, recorded);
    } else if (width != WIDTH_39 && width != WIDTH_48
        || type != TRANSLATED && type != PASS_THROUGH) {
      result.fail(Fault.CONTEXT_INVALID, recorded);
    } else if (address >>> PAGE_SHIFT + LEVEL_BITS * (width + 2) != 0) {
      result.fail(Fault.ADDRESS_BEYOND_WIDTH, recorded);
    } else if (type == PASS_THROUGH) {
      result.gpa = address & -(1L << PAGE_SHIFT);
      result.rights = READ | WRITE;
    } else {
      pages(low & ADDRESS, width + 2, address, recorded, result);
    }
  }

  private void pages(long table, int levels, long address, boolean recorded, Result result) {
    long at = table;
    int rights = READ | WRITE;
    for (int level = levels; level > 0; level--) {
      int shift = PAGE_SHIFT + LEVEL_BITS * (level - 1);
      long slot = at + (address >>> shift & TABLE_MASK) * 8;
      if (!memory.isRam(slot, 8)) {
        result.fail(Fault.TABLE_UNREADABLE, recorded);
        return;
      }
      long entry = memory.read64(slot);
      if (result.trace != null) {
        result.trace.read("level " + level, slot, entry, 0);
      }
      rights &= (int) entry;
      boolean large = level > 1 && (entry & LARGE) != 0;
      long offset = (1L << shift) - 1;
      if (rights != 0 && large && (level > 3 || (entry & ADDRESS & offset) != 0)) {
        result.fail(Fault.ENTRY_RESERVED, recorded);
        return;
      }
      if (rights == 0 || level == 1 || large) {
        result.rights = rights;
        result.gpa = entry & ADDRESS & ~offset | address & offset & -(1L << PAGE_SHIFT);
        result.recorded = recorded;
        return;
      }
      at = entry & ADDRESS;
    }
  }
}
