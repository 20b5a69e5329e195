package dev.ringzero.vmm.memory;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import java.util.Arrays;

/** One table that the processor walks in place of a guest's: a machine frame of 512 entries. */
final class ShadowTable {
  static final int ENTRIES = 512;

  /**
   * What a table shadows.
   *
   * @param kind how
   * @param frame the machine frame of the guest's table; of a part of a large page, its first gfn;
   *     of a table of one vCPU alone, a number
   * @param level 1 for a table of pages of 4 KiB, up to 4
   * @param role bits that change the meaning of entries
   */
  record Key(Kind kind, long frame, int level, int role) {}

  enum Kind {
    /** A guest's table, entry by entry. */
    TABLE,
    /** Smaller pages in place of a guest's large one. */
    PART,
    /** Whatever a vCPU needs, filled address by address, dropped when its paging changes. */
    OWN
  }

  final Key key;

  /** Machine frame of the table itself. */
  final long mfn;

  /** vCPUs that have it as their top table now. */
  int users;

  /** Whether it was dropped while in use: no entry is made any more. */
  boolean dropped;

  private long[] parents = new long[2];
  private int parentCount;

  ShadowTable(Key key, long mfn) {
    this.key = key;
    this.mfn = mfn;
  }

  /** Machine address of an entry. */
  long entryHpa(int index) {
    return (mfn << FramePool.FRAME_SHIFT) + index * 8L;
  }

  long entry(int index) {
    return MachineMemory.read64(entryHpa(index));
  }

  void entry(int index, long value) {
    MachineMemory.write64(entryHpa(index), value);
  }

  void addParent(long entryHpa) {
    if (parentCount == parents.length) {
      parents = Arrays.copyOf(parents, parentCount * 2);
    }
    parents[parentCount++] = entryHpa;
  }

  void removeParent(long entryHpa) {
    for (int i = 0; i < parentCount; i++) {
      if (parents[i] == entryHpa) {
        parents[i] = parents[--parentCount];
        return;
      }
    }
    throw new IllegalStateException("not a parent");
  }

  /** Machine address of an entry that points here, or -1. */
  long anyParent() {
    return parentCount == 0 ? -1 : parents[0];
  }

  boolean isUsed() {
    return parentCount > 0 || users > 0;
  }
}
