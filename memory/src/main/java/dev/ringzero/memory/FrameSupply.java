package dev.ringzero.memory;

import dev.ringzero.x86.Ept;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Gives one VM its frames at first touch, as many as its quota allows, and takes them back. What is
 * only read gets the shared frames of zeros; shared frames get their own copy when they are
 * written.
 */
final class FrameSupply {
  private final FramePool pool;
  private final RamMap ram;
  private final EptTable table;
  private final FrameCopies copies;

  /** Held whenever what the table maps changes. */
  private final ReentrantLock lock = new ReentrantLock();

  /** By page number: what the guest gave back and has not touched since. */
  private final BitSet givenBack = new BitSet();

  private boolean keepsFrames;
  private boolean inOnePiece;
  private long quotaFrames;
  private long givenFrames;
  private boolean destroyed;

  FrameSupply(FramePool pool, RamMap ram, EptTable table, FrameCopies copies) {
    this.pool = pool;
    this.ram = ram;
    this.table = table;
    this.copies = copies;
    this.quotaFrames = ram.bytes() >>> FramePool.FRAME_SHIFT;
  }

  ReentrantLock lock() {
    return lock;
  }

  void quotaFrames(long frames) {
    lock.lock();
    try {
      quotaFrames = frames;
    } finally {
      lock.unlock();
    }
  }

  /** See {@link FrameMemory#keepFrames}. */
  void keepFrames() {
    lock.lock();
    try {
      keepsFrames = true;
    } finally {
      lock.unlock();
    }
  }

  boolean keepsFrames() {
    return keepsFrames;
  }

  /** See {@link GuestMemory#touch}. */
  GuestMemory.Outcome touch(long gpa, long access) {
    if (!ram.contains(gpa)) {
      return GuestMemory.Outcome.NOT_RAM;
    }
    lock.lock();
    try {
      return !destroyed && makeReady(gpa, access)
          ? GuestMemory.Outcome.MAPPED
          : GuestMemory.Outcome.EXHAUSTED;
    } finally {
      lock.unlock();
    }
  }

  private boolean makeReady(long gpa, long access) {
    boolean write = (access & Ept.WRITE) != 0;
    long leaf = table.leaf(gpa);
    if (leaf == 0) {
      return !write && !keepsFrames && giveZeros(gpa)
          || giveLarge(gpa & -EptTable.SIZE_2M)
          || giveSmall(gpa & -EptTable.SIZE_4K);
    }
    if (write && (leaf & Ept.WRITE) == 0) {
      return makeOwn(gpa);
    }
    if ((access & ~leaf & Ept.RIGHTS) != 0) {
      table.protect(gpa, table.mappedSize(gpa), Ept.RIGHTS);
    }
    return true;
  }

  private boolean giveZeros(long gpa) {
    long start = gpa & -EptTable.SIZE_2M;
    boolean large = ram.contains(start, EptTable.SIZE_2M) && table.isEmpty(start, EptTable.SIZE_2M);
    return mapZeros(large ? start : gpa & -EptTable.SIZE_4K, large);
  }

  /** Maps frames of zeros that others have too. */
  boolean mapZeros(long gpa, boolean large) {
    long mfn = pool.zeroRun();
    if (mfn == FramePool.NONE) {
      return false;
    }
    long size = large ? EptTable.SIZE_2M : EptTable.SIZE_4K;
    try {
      table.map(gpa, mfn << FramePool.FRAME_SHIFT, size, Ept.READ | Ept.EXECUTE);
    } catch (OutOfFramesException e) {
      return false;
    }
    return true;
  }

  private boolean makeOwn(long gpa) {
    long mfn = table.hpa(gpa) >>> FramePool.FRAME_SHIFT;
    if (!pool.isZeroFrame(mfn)) {
      return copies.own(gpa);
    }
    if (table.mappedSize(gpa) > EptTable.SIZE_4K && ownLargeZeros(gpa & -EptTable.SIZE_2M)) {
      return true;
    }
    boolean done = givenFrames < quotaFrames && copies.own(gpa);
    givenFrames += done ? 1 : 0;
    return done;
  }

  private boolean ownLargeZeros(long gpa) {
    long mfn =
        givenFrames + FramePool.RUN_FRAMES <= quotaFrames ? pool.allocateRun() : FramePool.NONE;
    if (mfn == FramePool.NONE) {
      return false;
    }
    copies.exchange(gpa, EptTable.SIZE_2M, mfn, Ept.RIGHTS);
    givenFrames += FramePool.RUN_FRAMES;
    return true;
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
    givenBack.clear(page(gpa), page(gpa) + (int) frames);
    return true;
  }

  private static int page(long gpa) {
    return (int) (gpa >>> FramePool.FRAME_SHIFT);
  }

  /**
   * Maps a run of frames that hold what 2 MiB of RAM are to hold. Frames where there is no RAM go
   * back to the pool.
   *
   * @throws OutOfFramesException if a table is needed and the pool is exhausted; what is not mapped
   *     then went back
   */
  void adopt(long gpa, long firstMfn) {
    boolean large = ram.contains(gpa, EptTable.SIZE_2M);
    int step = large ? FramePool.RUN_FRAMES : 1;
    lock.lock();
    try {
      for (int i = 0; i < FramePool.RUN_FRAMES; i += step) {
        long page = gpa + ((long) i << FramePool.FRAME_SHIFT);
        if (!ram.contains(page)) {
          pool.free(firstMfn + i);
        } else if (!give(page, firstMfn + i, step)) {
          pool.free(firstMfn + i + step, FramePool.RUN_FRAMES - i - step);
          throw new OutOfFramesException();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a 4 KiB page out of the table; its frame may be reused after a revocation. The caller
   * holds the lock.
   *
   * @return its frame, or {@link FramePool#NONE} if it has none, the caller has pinned it, or there
   *     is no frame for the table that its large page must become
   */
  long unmap(long gpa, Pins pins) {
    long hpa = destroyed || inOnePiece ? -1 : table.hpa(gpa);
    long mfn = hpa >>> FramePool.FRAME_SHIFT;
    if (hpa < 0 || pins.heldByCaller(mfn, 1)) {
      return FramePool.NONE;
    }
    try {
      table.split(gpa);
    } catch (OutOfFramesException e) {
      return FramePool.NONE;
    }
    table.unmap(gpa, EptTable.SIZE_4K);
    givenBack.set(page(gpa));
    givenFrames -= pool.isZeroFrame(mfn) ? 0 : 1;
    return mfn;
  }

  /**
   * Takes a large page out of the table, like {@link #unmap}.
   *
   * @return its first frame, or {@link FramePool#NONE} if there is no large page that can be taken
   */
  long unmapLarge(long gpa, Pins pins) {
    long hpa = destroyed || inOnePiece || gpa < 0 ? -1 : table.hpa(gpa);
    long mfn = hpa >>> FramePool.FRAME_SHIFT;
    if (hpa < 0
        || table.mappedSize(gpa) != EptTable.SIZE_2M
        || pins.heldByCaller(mfn, FramePool.RUN_FRAMES)) {
      return FramePool.NONE;
    }
    table.unmap(gpa, EptTable.SIZE_2M);
    givenBack.set(page(gpa), page(gpa) + FramePool.RUN_FRAMES);
    givenFrames -= pool.isZeroFrame(mfn) ? 0 : FramePool.RUN_FRAMES;
    return mfn;
  }

  /** Counts frames that came in another way than by a touch, or went. */
  void countGiven(long frames) {
    givenFrames += frames;
  }

  boolean isDestroyed() {
    return destroyed;
  }

  FrameMap map() {
    lock.lock();
    try {
      return destroyed
          ? new FrameMap(List.of())
          : FrameMap.of(pool, table, ram.ranges(), givenBack);
    } finally {
      lock.unlock();
    }
  }

  GuestMemory.Statistics statistics() {
    lock.lock();
    try {
      FrameCensus census = new FrameCensus(pool);
      if (!destroyed) {
        table.forEachLeaf(census);
      }
      return new GuestMemory.Statistics(
          ram.bytes(),
          destroyed ? 0 : givenFrames,
          census.touched(),
          destroyed ? 0 : table.tableFrames(),
          census.shared(),
          census.zero(),
          census.large());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives all pages neighbouring frames, which are not taken back.
   *
   * @return the frame of gpa 0
   */
  long takeOnePiece() {
    int runs = Math.toIntExact(ram.ranges().getLast().end() + EptTable.SIZE_2M - 1 >>> 21);
    long first = pool.allocateRuns(runs);
    if (first == FramePool.NONE) {
      throw new OutOfFramesException();
    }
    for (int i = 0; i < runs; i++) {
      adopt(i * EptTable.SIZE_2M, first + (long) i * FramePool.RUN_FRAMES);
    }
    inOnePiece = true;
    return first;
  }

  /** Gives all frames back, those of the table too. */
  void destroy() {
    lock.lock();
    try {
      if (destroyed) {
        return;
      }
      table.forEachLeaf((gpa, entry, sizeBytes) ->
          pool.free(
              (entry & Ept.ADDRESS) >>> FramePool.FRAME_SHIFT,
              sizeBytes >>> FramePool.FRAME_SHIFT));
      table.destroy();
      givenFrames = 0;
      destroyed = true;
    } finally {
      lock.unlock();
    }
  }
}
