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

  private static final int FRAMES = 1 << 16;
  private static final long NO_FRAME = -1;

  private final long[] frames = new long[FRAMES];
  private final long[] tags = new long[FRAMES];

  WritableFrames() {
    clear();
  }

  private static int slot(long mfn) {
    return (int) mfn & FRAMES - 1;
  }

  void add(long mfn, long tag) {
    int slot = slot(mfn);
    if (tags[slot] == NONE) {
      frames[slot] = mfn;
      tags[slot] = tag;
    } else if (frames[slot] != mfn) {
      frames[slot] = NO_FRAME; // of two frames nothing is known
      tags[slot] = SEVERAL;
    } else if (tags[slot] != tag) {
      tags[slot] = SEVERAL;
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
    }
  }

  void clear() {
    Arrays.fill(frames, NO_FRAME);
    Arrays.fill(tags, NONE);
  }
}
