package dev.ringzero.memory;

import java.util.ArrayList;
import java.util.List;

/** The slices that devices hold now. Few at a time, so a list is enough. */
final class Pins {
  private final List<Slices> held = new ArrayList<>();

  synchronized void add(Slices slices) {
    held.add(slices);
  }

  synchronized void remove(Slices slices) {
    held.remove(slices);
  }

  /** Whether another thread than the caller holds any of these frames. */
  synchronized boolean heldByOthers(long firstMfn, long frames) {
    for (Slices slices : held) {
      if (!slices.isHeldByCaller() && slices.overlaps(firstMfn, frames)) {
        return true;
      }
    }
    return false;
  }

  /** Whether anybody holds any of these frames. */
  synchronized boolean held(long firstMfn, long frames) {
    for (Slices slices : held) {
      if (slices.overlaps(firstMfn, frames)) {
        return true;
      }
    }
    return false;
  }

  /** Whether anybody holds frames to write them. */
  synchronized boolean heldToWrite() {
    for (Slices slices : held) {
      if (slices.isWrite()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the calling thread holds any of these frames. */
  synchronized boolean heldByCaller(long firstMfn, long frames) {
    for (Slices slices : held) {
      if (slices.isHeldByCaller() && slices.overlaps(firstMfn, frames)) {
        return true;
      }
    }
    return false;
  }
}
