package dev.ringzero.memory;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongConsumer;

/** A set of frames that were written, by number from 0. Any thread adds; one drains. */
final class WrittenFrames {
  private final AtomicLongArray words;

  WrittenFrames(long frames) {
    words = new AtomicLongArray(Math.toIntExact(frames + 63 >>> 6));
  }

  void add(long frame) {
    int word = (int) (frame >>> 6);
    long bit = 1L << frame;
    if ((words.getOpaque(word) & bit) == 0) {
      words.getAndUpdate(word, old -> old | bit);
    }
  }

  /** Takes the frames of a range out of the set, and tells each. */
  void drain(long first, long count, LongConsumer frame) {
    for (long at = first; at < first + count; at = (at | 63) + 1) {
      long mask = -1L << at;
      long left = first + count - (at & -64L);
      if (left < 64) {
        mask &= (1L << left) - 1;
      }
      final long wanted = mask;
      long found = words.getAndUpdate((int) (at >>> 6), old -> old & ~wanted) & mask;
      for (; found != 0; found &= found - 1) {
        frame.accept((at & -64L) + Long.numberOfTrailingZeros(found));
      }
    }
  }
}
