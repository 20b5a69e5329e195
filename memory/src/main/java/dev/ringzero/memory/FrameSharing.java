package dev.ringzero.memory;

import dev.ringzero.x86.Ept;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongConsumer;

/** Lets one VM's frames be those of another too, or the common frames of zeros. */
final class FrameSharing {
  private final FramePool pool;
  private final EptTable table;
  private final FrameSupply supply;
  private final Pins pins;
  private final Revocation revocation;
  private final StampedLock translations;

  FrameSharing(
      FramePool pool,
      EptTable table,
      FrameSupply supply,
      Pins pins,
      Revocation revocation,
      StampedLock translations) {
    this.pool = pool;
    this.table = table;
    this.supply = supply;
    this.pins = pins;
    this.revocation = revocation;
    this.translations = translations;
  }

  /**
   * Gives an empty table of another VM all that this VM's leads to; neither may write it in place
   * any more.
   *
   * @param leaving told of each frame that loses the right to be written
   */
  void shareInto(EptTable other, FrameSupply others, LongConsumer leaving) {
    if (supply.keepsFrames() || others.keepsFrames()) {
      throw new IllegalStateException("a guest that knows its frames cannot share them");
    }
    while (!tryShareInto(other, others, leaving)) {
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  private boolean tryShareInto(EptTable other, FrameSupply others, LongConsumer leaving) {
    supply.lock().lock();
    try {
      long stamp = translations.writeLock();
      try {
        if (pins.heldToWrite()) {
          return false;
        }
        table.forEachLeaf((gpa, entry, sizeBytes) -> share(gpa, entry, sizeBytes, other, others));
      } finally {
        translations.unlockWrite(stamp);
      }
      table.forEachLeaf((gpa, entry, sizeBytes) -> {
        long first = (entry & Ept.ADDRESS) >>> FramePool.FRAME_SHIFT;
        for (long i = 0; i < sizeBytes >>> FramePool.FRAME_SHIFT; i++) {
          leaving.accept(first + i);
        }
      });
      revocation.revokeFromProcessors(
          0, Long.MAX_VALUE, Revoker.READ | Revoker.WRITE | Revoker.EXECUTE);
      return true;
    } finally {
      supply.lock().unlock();
    }
  }

  private void share(long gpa, long entry, long sizeBytes, EptTable other, FrameSupply others) {
    long first = (entry & Ept.ADDRESS) >>> FramePool.FRAME_SHIFT;
    long frames = sizeBytes >>> FramePool.FRAME_SHIFT;
    other.map(gpa, entry & Ept.ADDRESS, sizeBytes, Ept.READ | Ept.EXECUTE);
    if (!pool.isZeroFrame(first)) {
      pool.share(first, frames);
      table.protect(gpa, sizeBytes, Ept.READ | Ept.EXECUTE);
      others.countGiven(frames);
    }
  }
}
