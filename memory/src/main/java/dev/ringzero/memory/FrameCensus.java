package dev.ringzero.memory;

import dev.ringzero.x86.Ept;

/** Counts what the leaves of a VM's table lead to. */
final class FrameCensus implements EptTable.LeafVisitor {
  private final FramePool pool;
  private long touched;
  private long shared;
  private long zero;
  private long large;

  FrameCensus(FramePool pool) {
    this.pool = pool;
  }

  @Override
  public void leaf(long gpa, long entry, long sizeBytes) {
    long first = (entry & Ept.ADDRESS) >>> FramePool.FRAME_SHIFT;
    long frames = sizeBytes >>> FramePool.FRAME_SHIFT;
    if (pool.isZeroFrame(first)) {
      zero += frames;
      return;
    }
    large += frames > 1 ? frames : 0;
    for (long mfn = first; mfn < first + frames; mfn++) {
      touched += (pool.flags(mfn) & FramePool.TOUCHED) != 0 ? 1 : 0;
      shared += (entry & Ept.WRITE) == 0 && pool.isShared(mfn) ? 1 : 0;
    }
  }

  /** Frames that were accessed. */
  long touched() {
    return touched;
  }

  /** Frames that other VMs have too. */
  long shared() {
    return shared;
  }

  /** Pages that lead to the frames of zeros. */
  long zero() {
    return zero;
  }

  /** Frames that are part of a large page. */
  long large() {
    return large;
  }
}
