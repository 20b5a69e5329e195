package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.paging.NestedWalk;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Ept;

/**
 * The walk of an extended page table that an inner guest's monitor keeps.
 *
 * <p>Not modelled: mode-based execute control, supervisor shadow stacks, sub-page permissions.
 *
 * @spec Intel SDM Vol. 3C, "The Extended Page Table Mechanism (EPT)"
 */
final class EptWalk extends NestedWalk {
  private static final long RESERVED = Ept.ADDRESS & -(1L << AddressWidth.PHYSICAL_BITS);
  private static final long TABLE_RESERVED = 0xF8; // bits 7:3 of an entry that leads to a table
  private static final int LEVELS = 4;
  private static final long SUPPRESS_VE = 1L << 63; // Suppress #VE

  private final Pml pml;
  private long pointer;
  private boolean accessedDirty;

  /** Whether the walk failed for a malformed entry. */
  boolean misconfigured;

  /** The last entry that was read says that a violation is no exception of the guest's. */
  boolean exceptionSuppressed;

  private final long[] entryHpas = new long[LEVELS];
  private final long[] entries = new long[LEVELS];
  private int depth;

  EptWalk(Pml pml) {
    this.pml = pml;
  }

  /** Walks these tables from now on. */
  void pointer(long eptPointer) {
    if (pointer != eptPointer) {
      pointer = eptPointer;
      flush();
    }
    accessedDirty = (eptPointer & Ept.POINTER_ACCESSED_DIRTY) != 0;
  }

  @Override
  public long tableAccess() {
    return accessedDirty ? Ept.READ | Ept.WRITE : Ept.READ;
  }

  @Override
  public boolean walk(long innerGpa, long access, boolean table) {
    while (true) {
      misconfigured = false;
      if (!find(innerGpa)) {
        return false;
      }
      if ((access & ~rights) != 0) {
        return false;
      }
      if (!accessedDirty) {
        dirty = true;
        return true;
      }
      if (mark(innerGpa, (access & Ept.WRITE) != 0)) {
        return true;
      }
    }
  }

  private boolean find(long innerGpa) {
    rights = Ept.RIGHTS;
    depth = 0;
    if (innerGpa >>> AddressWidth.LINEAR_BITS != 0) {
      rights = 0;
      exceptionSuppressed = true;
      return false;
    }
    long table = pointer & Ept.ADDRESS;
    for (int shift = 39; ; shift -= 9) {
      long entry = readEntry(table + (innerGpa >>> shift & 511) * 8, 8);
      entryHpas[depth] = entryHpa();
      entries[depth++] = entry;
      rights &= entry;
      exceptionSuppressed = (entry & SUPPRESS_VE) != 0;
      if ((entry & Ept.RIGHTS) == 0) {
        return false;
      }
      boolean leaf = shift == 12 || (entry & Ept.LARGE) != 0 && shift != 39;
      if (malformed(entry, shift, leaf)) {
        misconfigured = true;
        return false;
      }
      if (leaf) {
        long offset = (1L << shift) - 1;
        gpa = entry & Ept.ADDRESS & ~offset | innerGpa & offset;
        return true;
      }
      table = entry & Ept.ADDRESS;
    }
  }

  private static boolean malformed(long entry, int shift, boolean leaf) {
    if ((entry & (Ept.READ | Ept.WRITE)) == Ept.WRITE || (entry & RESERVED) != 0) {
      return true;
    }
    if (!leaf) {
      return (entry & TABLE_RESERVED) != 0;
    }
    long type = (entry & Ept.MEMORY_TYPE) >>> 3;
    boolean badType = type == 2 || type == 3 || type == 7;
    long below = shift == 12 ? 0 : (1L << shift) - 1 & -4096L;
    return badType || (entry & below) != 0;
  }

  /** Sets accessed bits, and the dirty bit for a write; false if an entry changed meanwhile. */
  private boolean mark(long innerGpa, boolean write) {
    int leaf = depth - 1;
    boolean dirties = write && (entries[leaf] & Ept.DIRTY) == 0;
    if (dirties) {
      pml.log(innerGpa);
    }
    for (int i = 0; i < depth; i++) {
      long bits = i == leaf && write ? Ept.ACCESSED | Ept.DIRTY : Ept.ACCESSED;
      boolean marked =
          (entries[i] & bits) == bits
              || entryHpas[i] < 0
              || mark(entryHpas[i], entries[i], entries[i] | bits, 8);
      if (!marked) {
        return false;
      }
    }
    dirty = write || (entries[leaf] & Ept.DIRTY) != 0;
    return true;
  }
}
