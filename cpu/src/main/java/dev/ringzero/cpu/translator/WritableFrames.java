package dev.ringzero.cpu.translator;

import java.util.Arrays;

/**
 * Under which tag of the second-level TLB a frame may be written, so that the right to write it can
 * be taken away without a search: most frames are written through one mapping only before they
 * become code.
 */
final class WritableFrames {
  /** No entry lets the frame be written. */
  static final long NONE = 0;

  /** Several entries may let it be written. */
  static final long SEVERAL = -1;

  private static final int FEWEST = 1 << 10;
  private static final int MOST = 1 << 16;
  private static final long NO_FRAME = -1;

  private long[] frames;
  private long[] tags;
  private int used;

  WritableFrames() {
    clear();
  }

  private int slot(long mfn) {
    return (int) mfn & frames.length - 1;
  }

  /** The frame of one tag that must be revoked and forgotten before this one is added, or -1. */
  long inTheWayOf(long mfn) {
    int slot = slot(mfn);
    boolean other = frames[slot] != mfn && tags[slot] != NONE && tags[slot] != SEVERAL;
    return other ? frames[slot] : NO_FRAME;
  }

  void add(long mfn, long tag) {
    if (4 * used > frames.length && frames.length < MOST) {
      grow();
    }
    int slot = slot(mfn);
    if (tags[slot] == NONE) {
      used++;
      frames[slot] = mfn;
      tags[slot] = tag;
    } else if (frames[slot] != mfn) {
      frames[slot] = NO_FRAME; // of two frames nothing is known
      tags[slot] = SEVERAL;
    } else if (tags[slot] != tag) {
      tags[slot] = SEVERAL;
    }
  }

  /** Each slot becomes two; where nothing is known of one, nothing is known of both. */
  private void grow() {
    int size = frames.length;
    frames = Arrays.copyOf(frames, 2 * size);
    tags = Arrays.copyOf(tags, 2 * size);
    for (int slot = 0; slot < size; slot++) {
      int other = slot + size;
      boolean unknown = frames[slot] == NO_FRAME && tags[slot] == SEVERAL;
      boolean moves = !unknown && (frames[slot] & size) != 0;
      frames[other] = moves ? frames[slot] : NO_FRAME;
      tags[other] = unknown || moves ? tags[slot] : NONE;
      if (moves) {
        frames[slot] = NO_FRAME;
        tags[slot] = NONE;
      }
      used += unknown ? 1 : 0;
    }
  }

  /** The tag of the only entry that may let the frame be written, or what the constants say. */
  long tag(long mfn) {
    int slot = slot(mfn);
    return frames[slot] == mfn || frames[slot] == NO_FRAME ? tags[slot] : NONE;
  }

  /** No entry lets the frame be written any more. */
  void forget(long mfn) {
    int slot = slot(mfn);
    if (frames[slot] == mfn) {
      tags[slot] = NONE;
      frames[slot] = NO_FRAME;
      used--;
    }
  }

  void clear() {
    frames = new long[FEWEST];
    tags = new long[FEWEST];
    Arrays.fill(frames, NO_FRAME);
    used = 0;
  }
}
