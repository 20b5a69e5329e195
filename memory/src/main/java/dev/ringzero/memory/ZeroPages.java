package dev.ringzero.memory;

import dev.ringzero.x86.Ept;
import java.util.concurrent.locks.StampedLock;

/** Looks for pages of a VM that are zero again, and gives their frames back. */
final class ZeroPages {
  private static final int PAGES = FramePool.RUN_FRAMES;

  /** As many zero pages are worth taking a large page apart. */
  private static final int WORTH_SPLITTING = 64;

  private final FramePool pool;
  private final EptTable table;
  private final FrameSupply supply;
  private final Pins pins;
  private final StampedLock translations;
  private final FrameCopies.Leaving leaving;
  private final long[] leaves = new long[PAGES];

  ZeroPages(
      FramePool pool,
      EptTable table,
      FrameSupply supply,
      Pins pins,
      StampedLock translations,
      FrameCopies.Leaving leaving) {
    this.pool = pool;
    this.table = table;
    this.supply = supply;
    this.pins = pins;
    this.translations = translations;
    this.leaving = leaving;
  }

  /**
   * Shares the zero pages of 2 MiB of RAM.
   *
   * @return frames that were given back
   */
  synchronized long share(long start) {
    int zeros = look(start);
    boolean large = table.mappedSize(start) == EptTable.SIZE_2M;
    if (zeros == 0 || large && zeros < WORTH_SPLITTING) {
      return 0;
    }
    supply.lock().lock();
    try {
      if (supply.isDestroyed() || supply.keepsFrames() || pool.zeroRun() == FramePool.NONE) {
        return 0;
      }
      return large && zeros == PAGES ? shareLarge(start) : shareSmall(start);
    } finally {
      supply.lock().unlock();
    }
  }

  /** Pages that seem to be zero, without stopping anybody. */
  private int look(long start) {
    int zeros = 0;
    for (int i = 0; i < PAGES; i++) {
      zeros += isZero(table.hpa(start + i * EptTable.SIZE_4K)) ? 1 : 0;
    }
    return zeros;
  }

  private boolean isZero(long hpa) {
    if (hpa < 0 || pool.isZeroFrame(hpa >>> FramePool.FRAME_SHIFT)) {
      return false;
    }
    for (int at = 0; at < FramePool.FRAME_BYTES; at += 8) {
      if (MachineMemory.read64(hpa + at) != 0) {
        return false;
      }
    }
    return true;
  }

  private long shareLarge(long start) {
    long leaf = table.leaf(start);
    long mfn = (leaf & Ept.ADDRESS) >>> FramePool.FRAME_SHIFT;
    if (table.mappedSize(start) != EptTable.SIZE_2M || !take(start, EptTable.SIZE_2M, mfn, PAGES)) {
      return 0;
    }
    leaving.leave(mfn, PAGES);
    boolean zero = true;
    for (int i = 0; i < PAGES && zero; i++) {
      zero = isZero(mfn + i << FramePool.FRAME_SHIFT);
    }
    if (!zero) {
      table.map(start, leaf & Ept.ADDRESS, EptTable.SIZE_2M, leaf & Ept.RIGHTS);
      return 0;
    }
    supply.mapZeros(start, true);
    return giveBack(mfn, PAGES);
  }

  private long shareSmall(long start) {
    try {
      table.split(start);
    } catch (OutOfFramesException e) {
      return 0;
    }
    takeZeros(start);
    leaveTaken();
    long shared = 0;
    for (int i = 0; i < PAGES; i++) {
      long gpa = start + i * EptTable.SIZE_4K;
      long hpa = leaves[i] & Ept.ADDRESS;
      if (leaves[i] == 0) {
        continue;
      }
      if (isZero(hpa)) {
        supply.mapZeros(gpa, false);
        shared += giveBack(hpa >>> FramePool.FRAME_SHIFT, 1);
      } else {
        table.map(gpa, hpa, EptTable.SIZE_4K, leaves[i] & Ept.RIGHTS);
      }
    }
    return shared;
  }

  private void takeZeros(long start) {
    for (int i = 0; i < PAGES; i++) {
      long gpa = start + i * EptTable.SIZE_4K;
      long leaf = table.leaf(gpa);
      long hpa = leaf & Ept.ADDRESS;
      boolean taken =
          leaf != 0 && isZero(hpa) && take(gpa, EptTable.SIZE_4K, hpa >>> FramePool.FRAME_SHIFT, 1);
      leaves[i] = taken ? leaf : 0;
    }
  }

  /** Neighbours of the guest's are often neighbours here: one revocation for them. */
  private void leaveTaken() {
    long first = FramePool.NONE;
    long count = 0;
    for (long leaf : leaves) {
      long mfn = (leaf & Ept.ADDRESS) >>> FramePool.FRAME_SHIFT;
      if (count > 0 && mfn != first + count) {
        leaving.leave(first, count);
        count = 0;
      }
      if (leaf != 0) {
        first = count == 0 ? mfn : first;
        count++;
      }
    }
    if (count > 0) {
      leaving.leave(first, count);
    }
  }

  /** Takes a page out of the table unless a device uses its frames. */
  private boolean take(long gpa, long sizeBytes, long mfn, long frames) {
    long stamp = translations.writeLock();
    try {
      boolean free = !pins.held(mfn, frames);
      if (free) {
        table.unmap(gpa, sizeBytes);
      }
      return free;
    } finally {
      translations.unlockWrite(stamp);
    }
  }

  private long giveBack(long mfn, long frames) {
    pool.free(mfn, frames);
    supply.countGiven(-frames);
    return frames;
  }
}
