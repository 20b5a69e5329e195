package dev.ringzero.vmm.memory;

import java.util.Arrays;
import java.util.function.LongConsumer;

/** From machine frames to the shadow entries that map them; a frame may have many. */
final class ReverseMap {
  private static final int NONE = -1;

  private int[] heads = new int[1024];
  private long[] frames = new long[1024];
  private long[] entries = new long[1024];
  private int[] next = new int[1024];
  private int free = NONE;
  private int used;
  private int size;

  ReverseMap() {
    Arrays.fill(heads, NONE);
  }

  int size() {
    return size;
  }

  void add(long mfn, long entryHpa) {
    int node = free;
    if (node != NONE) {
      free = next[node];
    } else {
      if (used == frames.length) {
        grow();
      }
      node = used++;
    }
    int bucket = bucket(mfn);
    frames[node] = mfn;
    entries[node] = entryHpa;
    next[node] = heads[bucket];
    heads[bucket] = node;
    size++;
  }

  void remove(long mfn, long entryHpa) {
    int bucket = bucket(mfn);
    int previous = NONE;
    for (int node = heads[bucket]; node != NONE; node = next[node]) {
      if (frames[node] == mfn && entries[node] == entryHpa) {
        if (previous == NONE) {
          heads[bucket] = next[node];
        } else {
          next[previous] = next[node];
        }
        next[node] = free;
        free = node;
        size--;
        return;
      }
      previous = node;
    }
    throw new IllegalStateException("no entry maps frame " + mfn);
  }

  /** Shows the entries of a frame; the visitor may not change this map. */
  void forEach(long mfn, LongConsumer visitor) {
    for (int node = heads[bucket(mfn)]; node != NONE; node = next[node]) {
      if (frames[node] == mfn) {
        visitor.accept(entries[node]);
      }
    }
  }

  /** One entry of a frame, or -1. */
  long any(long mfn) {
    for (int node = heads[bucket(mfn)]; node != NONE; node = next[node]) {
      if (frames[node] == mfn) {
        return entries[node];
      }
    }
    return -1;
  }

  private int bucket(long mfn) {
    return (int) (mfn ^ mfn >>> 17) & heads.length - 1;
  }

  private void grow() {
    int size2 = frames.length * 2;
    frames = Arrays.copyOf(frames, size2);
    entries = Arrays.copyOf(entries, size2);
    next = Arrays.copyOf(next, size2);
    heads = new int[size2];
    Arrays.fill(heads, NONE);
    for (int node = 0; node < used; node++) {
      int bucket = bucket(frames[node]);
      next[node] = heads[bucket];
      heads[bucket] = node;
    }
  }
}
