package dev.ringzero.memory;

import dev.ringzero.x86.Ept;

/**
 * Gives one VM its frames at first touch, as many as its quota allows, and takes them back. The
 * lock of the table's structure.
 */
final class FrameSupply {
  private final FramePool pool;
  private final RamMap ram;
  private final EptTable table;
  private long quotaFrames;
  private long givenFrames;
  private boolean destroyed;

  FrameSupply(FramePool pool, RamMap ram, EptTable table) {
    this.pool = pool;
    this.ram = ram;
    this.table = table;
    this.quotaFrames = ram.bytes() >>> FramePool.FRAME_SHIFT;
  }

  synchronized void quotaFrames(long frames) {
    quotaFrames = frames;
  }

  /** See {@link GuestMemory#touch}. */
  synchronized GuestMemory.Outcome touch(long gpa, long access) {
    if (!ram.contains(gpa)) {
      return GuestMemory.Outcome.NOT_RAM;
    }
    if (destroyed) {
      return GuestMemory.Outcome.EXHAUSTED;
    }
    long leaf = table.leaf(gpa);
    if (leaf != 0) {
      if ((access & ~leaf & Ept.RIGHTS) != 0) {
        table.protect(gpa, table.mappedSize(gpa), Ept.RIGHTS);
      }
      return GuestMemory.Outcome.MAPPED;
    }
    return giveLarge(gpa & -EptTable.SIZE_2M) || giveSmall(gpa & -EptTable.SIZE_4K)
        ? GuestMemory.Outcome.MAPPED
        : GuestMemory.Outcome.EXHAUSTED;
  }

  private boolean giveLarge(long gpa) {
    return givenFrames + FramePool.RUN_FRAMES <= quotaFrames
        && ram.contains(gpa, EptTable.SIZE_2M)
        && table.isEmpty(gpa, EptTable.SIZE_2M)
        && give(gpa, pool.allocateRun(), FramePool.RUN_FRAMES);
  }

  private boolean giveSmall(long gpa) {
    return givenFrames < quotaFrames && give(gpa, pool.allocate(), 1);
  }

  private boolean give(long gpa, long mfn, long frames) {
    if (mfn == FramePool.NONE) {
      return false;
    }
    try {
      table.map(gpa, mfn << FramePool.FRAME_SHIFT, frames << FramePool.FRAME_SHIFT, Ept.RIGHTS);
    } catch (OutOfFramesException e) {
      pool.free(mfn, frames);
      return false;
    }
    givenFrames += frames;
    return true;
  }

  /**
   * Maps a run of frames that hold what 2 MiB of RAM are to hold. Frames where there is no RAM go
   * back to the pool.
   *
   * @throws OutOfFramesException if a table is needed and the pool is exhausted; what is not mapped
   *     then went back
   */
  synchronized void adopt(long gpa, long firstMfn) {
    boolean large = ram.contains(gpa, EptTable.SIZE_2M);
    int step = large ? FramePool.RUN_FRAMES : 1;
    for (int i = 0; i < FramePool.RUN_FRAMES; i += step) {
      long page = gpa + ((long) i << FramePool.FRAME_SHIFT);
      if (!ram.contains(page)) {
        pool.free(firstMfn + i);
      } else if (!give(page, firstMfn + i, step)) {
        pool.free(firstMfn + i + step, FramePool.RUN_FRAMES - i - step);
        throw new OutOfFramesException();
      }
    }
  }

  /**
   * Takes a 4 KiB page out of the table; its frame may be reused after a revocation.
   *
   * @return its frame, or {@link FramePool#NONE} if it has none, the caller has pinned it, or there
   *     is no frame for the table that its large page must become
   */
  synchronized long unmap(long gpa, Pins pins) {
    long hpa = destroyed ? -1 : table.hpa(gpa);
    if (hpa < 0 || pins.heldByCaller(hpa >>> FramePool.FRAME_SHIFT, 1)) {
      return FramePool.NONE;
    }
    try {
      table.split(gpa);
    } catch (OutOfFramesException e) {
      return FramePool.NONE;
    }
    table.unmap(gpa, EptTable.SIZE_4K);
    givenFrames--;
    return hpa >>> FramePool.FRAME_SHIFT;
  }

  /**
   * Takes a large page out of the table, like {@link #unmap}.
   *
   * @return its first frame, or {@link FramePool#NONE} if there is no large page that can be taken
   */
  synchronized long unmapLarge(long gpa, Pins pins) {
    long hpa = destroyed || gpa < 0 ? -1 : table.hpa(gpa);
    long mfn = hpa >>> FramePool.FRAME_SHIFT;
    if (hpa < 0
        || table.mappedSize(gpa) != EptTable.SIZE_2M
        || pins.heldByCaller(mfn, FramePool.RUN_FRAMES)) {
      return FramePool.NONE;
    }
    table.unmap(gpa, EptTable.SIZE_2M);
    givenFrames -= FramePool.RUN_FRAMES;
    return mfn;
  }

  synchronized GuestMemory.Statistics statistics() {
    if (destroyed) {
      return new GuestMemory.Statistics(ram.bytes(), 0, 0, 0);
    }
    long[] touched = new long[1];
    table.forEachLeaf((gpa, entry, sizeBytes) -> {
      long first = (entry & Ept.ADDRESS) >>> FramePool.FRAME_SHIFT;
      for (long i = 0; i < sizeBytes >>> FramePool.FRAME_SHIFT; i++) {
        touched[0] += (pool.flags(first + i) & FramePool.TOUCHED) != 0 ? 1 : 0;
      }
    });
    return new GuestMemory.Statistics(ram.bytes(), givenFrames, touched[0], table.tableFrames());
  }

  /** Gives all frames back, those of the table too. */
  synchronized void destroy() {
    if (destroyed) {
      return;
    }
    table.forEachLeaf((gpa, entry, sizeBytes) ->
        pool.free(
            (entry & Ept.ADDRESS) >>> FramePool.FRAME_SHIFT, sizeBytes >>> FramePool.FRAME_SHIFT));
    table.destroy();
    givenFrames = 0;
    destroyed = true;
  }
}
