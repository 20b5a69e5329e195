package dev.ringzero.cpu.paging;

import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Ept;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * The walk of the second-level table: from guest-physical to machine addresses. What it finds is in
 * its fields until the next walk.
 *
 * <p>Not modelled: mode-based execute control, supervisor shadow stacks, sub-page permissions.
 *
 * @spec Intel SDM Vol. 3C, "EPT Translation Mechanism"
 */
final class SecondLevel {
  /** How a walk ends. */
  static final int MAPPED = 0, VIOLATION = 1, MISCONFIGURATION = 2;

  /** How a walk ends that the tables of an inner guest's monitor do not allow. */
  static final int NESTED_FAULT = 3;

  private static final long RESERVED = 0x000F_FFFF_FFFF_FFFFL & -(1L << AddressWidth.PHYSICAL_BITS);

  private FrameMemory guest;

  /** Machine address of gpa 0 where RAM lies in one piece and needs no table, else negative. */
  private long piece;

  private long pointer;
  private boolean accessedDirty;

  /** Tables between the running guest and this level, or null. */
  private NestedWalk nested;

  private final List<NestedWalk> known = new ArrayList<>();

  /** What to throw where nested tables lie in memory that has no frame yet. */
  private final LongFunction<RuntimeException> missing;

  /** Where guest paging structures are. */
  private TableCache tables = new TableCache();

  private final TableCache ownTables = tables;

  /** Guest-physical address that this level's table was asked for last. */
  long gpa;

  /** Machine address, if mapped. */
  long hpa;

  /** Rights that all entries give, as {@link Ept#RIGHTS}. */
  long rights;

  /** Whether the page may be written without a further walk: its dirty bit is set. */
  boolean dirty;

  /** Entries read so far. */
  long references;

  SecondLevel(LongFunction<RuntimeException> missing) {
    this.missing = missing;
  }

  /** Translates for this space from now on, by its table. */
  void attach(FrameMemory memory) {
    guest = memory;
    piece = memory.piece();
    pointer(memory.table().pointer());
  }

  /** Whether RAM, present or not, belongs at this address. */
  boolean isRam(long gpa) {
    return guest.isRam(gpa);
  }

  /** After a change of machine memory that holds a guest's paging structure. */
  void written(long address, int lengthBytes) {
    guest.written(address >>> 12, (int) address & 4095, lengthBytes);
  }

  private void pointer(long eptPointer) {
    pointer = eptPointer;
    accessedDirty = (eptPointer & Ept.POINTER_ACCESSED_DIRTY) != 0;
    dropCachedTables();
  }

  /** Forgets where guest paging structures are: rights were revoked. */
  void dropCachedTables() {
    ownTables.clear();
    known.forEach(NestedWalk::flush);
  }

  /**
   * Puts tables in front of this level's own, null for none. What they remember holds as long as
   * they themselves are the same.
   */
  void nested(NestedWalk walk) {
    nested = walk;
    tables = walk == null ? ownTables : walk.tables;
    if (walk != null) {
      if (!known.contains(walk)) {
        known.add(walk);
        walk.attach(this);
      }
    }
  }

  /** What lies in front of this level's table, or null. */
  NestedWalk nested() {
    return nested;
  }

  /** Machine address of an entry of nested tables; -1 where no memory is. */
  long locateNestedEntry(long tableGpa) {
    long known = ownTables.find(tableGpa);
    if (known >= 0) {
      return known;
    }
    if (walkOuter(tableGpa, tableAccess()) == MAPPED) {
      ownTables.put(tableGpa, hpa);
      return hpa;
    }
    if (!isRam(tableGpa)) {
      return -1;
    }
    throw missing.apply(tableGpa);
  }

  /** Whether accesses to guest paging structures count as writes. */
  long tableAccess() {
    return accessedDirty ? Ept.READ | Ept.WRITE : Ept.READ;
  }

  /** Translates the address of an entry of a guest paging structure. */
  int walkToTable(long guestGpa) {
    long known = tables.find(guestGpa);
    if (known >= 0) {
      hpa = known;
      return MAPPED;
    }
    int outcome = walkNested(guestGpa, nested == null ? tableAccess() : nested.tableAccess(), true);
    if (outcome == MAPPED) {
      tables.put(guestGpa, hpa);
    }
    return outcome;
  }

  /** Translates the running guest's physical address for an access of {@link Ept#RIGHTS}. */
  int walk(long guestGpa, long access) {
    return nested == null ? walkOuter(guestGpa, access) : walkNested(guestGpa, access, false);
  }

  private int walkNested(long guestGpa, long access, boolean table) {
    if (nested == null) {
      return walkOuter(guestGpa, access);
    }
    if (!nested.walk(guestGpa, access, table)) {
      return NESTED_FAULT;
    }
    int outcome = walkOuter(nested.gpa, table ? tableAccess() : access);
    if (outcome == MAPPED) {
      rights &= nested.rights;
      dirty &= nested.dirty;
    }
    return outcome;
  }

  /** Translates a gpa for an access of {@link Ept#RIGHTS}, and sets accessed and dirty bits. */
  int walkOuter(long outerGpa, long access) {
    gpa = outerGpa;
    if (piece >= 0 && guest.isRam(outerGpa)) {
      hpa = piece + outerGpa;
      rights = Ept.RIGHTS;
      dirty = true;
      return MAPPED;
    }
    while (true) {
      int outcome = find(outerGpa, access);
      if (outcome != MAPPED || !accessedDirty || mark(access)) {
        dirty |= !accessedDirty;
        return outcome;
      }
    }
  }

  private final long[] slots = new long[4];
  private int depth;

  /** As {@link #walkOuter}, without side effects. */
  int find(long gpa, long access) {
    rights = Ept.RIGHTS;
    depth = 0;
    long table = pointer & Ept.ADDRESS;
    if (gpa >>> AddressWidth.LINEAR_BITS != 0) {
      rights = 0;
      return VIOLATION;
    }
    for (int shift = 39; ; shift -= 9) {
      long slot = table + (gpa >>> shift & 511) * 8;
      long entry = MachineMemory.read64(slot);
      references++;
      slots[depth++] = slot;
      rights &= entry;
      if ((entry & Ept.RIGHTS) == 0) {
        return VIOLATION;
      }
      boolean leaf = shift == 12 || (entry & Ept.LARGE) != 0;
      if (misconfigured(entry, shift, leaf)) {
        return MISCONFIGURATION;
      }
      if (leaf) {
        long offset = (1L << shift) - 1;
        hpa = entry & Ept.ADDRESS & ~offset | gpa & offset;
        dirty = (entry & Ept.DIRTY) != 0;
        return (access & ~rights) == 0 ? MAPPED : VIOLATION;
      }
      table = entry & Ept.ADDRESS;
    }
  }

  private static boolean misconfigured(long entry, int shift, boolean leaf) {
    if ((entry & (Ept.READ | Ept.WRITE)) == Ept.WRITE || (entry & RESERVED) != 0) {
      return true;
    }
    if (!leaf) {
      return (entry & 0xF8) != 0;
    }
    long type = (entry & Ept.MEMORY_TYPE) >>> 3;
    boolean badType = type == 2 || type == 3 || type == 7;
    long below = shift == 12 ? 0 : (1L << shift) - 1 & -4096L;
    return badType || shift == 39 || (entry & below) != 0;
  }

  /** Sets accessed bits, and the dirty bit for a write; false if an entry changed meanwhile. */
  private boolean mark(long access) {
    for (int i = 0; i < depth; i++) {
      boolean leaf = i == depth - 1;
      long bits = leaf && (access & Ept.WRITE) != 0 ? Ept.ACCESSED | Ept.DIRTY : Ept.ACCESSED;
      long entry = MachineMemory.read64(slots[i]);
      if ((entry & bits) != bits
          && ((entry & Ept.RIGHTS) == 0
              || !MachineMemory.compareAndSet64(slots[i], entry, entry | bits))) {
        return false;
      }
      dirty = (entry & Ept.DIRTY | bits & Ept.DIRTY) != 0;
    }
    return true;
  }
}
