package dev.ringzero.memory;

import dev.ringzero.x86.Ept;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.StampedLock;

/**
 * Gives one VM frames of its own in place of shared ones, when it first writes them. Guarded by the
 * lock of the {@link FrameSupply}.
 *
 * <p>A page that moves has no translation for a moment: who needs it waits for the lock. Whoever
 * still reads the old frame, reads what it has held since it was shared.
 */
final class FrameCopies {
  private final FramePool pool;
  private final EptTable table;
  private final Pins pins;
  private final StampedLock translations;
  private final Leaving leaving;

  /** Frames that this VM has given up, but for a device that still reads them. */
  private final List<Long> lingering = new ArrayList<>();

  /** Takes frames, to which the table does not lead any more, away from all but devices. */
  interface Leaving {
    void leave(long firstMfn, long count);
  }

  /**
   * @param translations held shared while a device uses a translation
   */
  FrameCopies(
      FramePool pool, EptTable table, Pins pins, StampedLock translations, Leaving leaving) {
    this.pool = pool;
    this.table = table;
    this.pins = pins;
    this.translations = translations;
    this.leaving = leaving;
  }

  /**
   * Makes the frame of a gpa this VM's own, by a copy if others have it too.
   *
   * @return whether there was machine memory for it
   */
  boolean own(long gpa) {
    long page = gpa & -EptTable.SIZE_4K;
    if (table.mappedSize(gpa) > EptTable.SIZE_4K) {
      long start = gpa & -EptTable.SIZE_2M;
      if (isOwnRun(mfn(start))) {
        table.protect(start, EptTable.SIZE_2M, Ept.RIGHTS);
        return true;
      }
      try {
        table.split(gpa);
      } catch (OutOfFramesException e) {
        return false;
      }
    }
    long old = mfn(page);
    if (!pool.isShared(old)) {
      table.protect(page, EptTable.SIZE_4K, Ept.RIGHTS);
      return true;
    }
    long mfn = pool.allocate();
    if (mfn != FramePool.NONE) {
      exchange(page, EptTable.SIZE_4K, mfn, Ept.RIGHTS);
    }
    return mfn != FramePool.NONE;
  }

  private boolean isOwnRun(long firstMfn) {
    for (long mfn = firstMfn; mfn < firstMfn + FramePool.RUN_FRAMES; mfn++) {
      if (pool.isShared(mfn)) {
        return false;
      }
    }
    return true;
  }

  private long mfn(long gpa) {
    return table.hpa(gpa) >>> FramePool.FRAME_SHIFT;
  }

  /** Moves a page to other frames, with its content, and gives its old frames up. */
  void exchange(long gpa, long sizeBytes, long mfn, long rights) {
    long frames = sizeBytes >>> FramePool.FRAME_SHIFT;
    long old = mfn(gpa);
    unmap(gpa, sizeBytes);
    leaving.leave(old, frames);
    if (!pool.isZeroFrame(old)) {
      MachineMemory.copy(old << FramePool.FRAME_SHIFT, mfn << FramePool.FRAME_SHIFT, sizeBytes);
    }
    table.map(gpa, mfn << FramePool.FRAME_SHIFT, sizeBytes, rights);
    giveUp(old, frames);
  }

  private void unmap(long gpa, long sizeBytes) {
    long stamp = translations.writeLock();
    try {
      table.unmap(gpa, sizeBytes);
    } finally {
      translations.unlockWrite(stamp);
    }
  }

  private void giveUp(long firstMfn, long count) {
    for (long mfn = firstMfn; mfn < firstMfn + count; mfn++) {
      if (pool.isZeroFrame(mfn)) {
        return;
      }
      if (pins.held(mfn, 1)) {
        synchronized (lingering) {
          lingering.add(mfn);
        }
      } else {
        pool.free(mfn);
      }
    }
  }

  /** A device has let go of frames. */
  void released() {
    synchronized (lingering) {
      if (!lingering.isEmpty()) {
        lingering.removeIf(this::freeUnlessHeld);
      }
    }
  }

  private boolean freeUnlessHeld(long mfn) {
    boolean held = pins.held(mfn, 1);
    if (!held) {
      pool.free(mfn);
    }
    return !held;
  }
}
