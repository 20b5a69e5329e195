package dev.ringzero.vmm.memory;

import dev.ringzero.memory.FrameWatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which entries of watched page tables were written since the monitor last looked. Writers, vCPUs
 * in the guest among them, only leave a mark and never wait for the monitor.
 */
final class WrittenTables implements FrameWatcher {
  private static final int WORDS = 8;

  private final Map<Long, Marks> tables = new HashMap<>();
  private List<Marks> written = new ArrayList<>();
  private long writes;

  /** A watched frame: one bit for each of its 512 entries. */
  static final class Marks {
    final long mfn;
    private final long[] bits = new long[WORDS];
    private boolean queued;
    private boolean watched = true;

    private Marks(long mfn) {
      this.mfn = mfn;
    }
  }

  /** Receives the number of a written entry of a frame. */
  interface Visitor {
    void written(long mfn, int index);
  }

  synchronized void watch(long mfn) {
    tables.computeIfAbsent(mfn, Marks::new);
  }

  synchronized boolean watches(long mfn) {
    return tables.containsKey(mfn);
  }

  synchronized void unwatch(long mfn) {
    Marks marks = tables.remove(mfn);
    if (marks != null) {
      marks.watched = false;
    }
  }

  @Override
  public synchronized void written(long mfn, int offset, int lengthBytes) {
    Marks marks = tables.get(mfn);
    if (marks == null) {
      return;
    }
    writes++;
    for (int index = offset >> 3; index <= offset + lengthBytes - 1 >> 3; index++) {
      marks.bits[index >> 6] |= 1L << index;
    }
    if (!marks.queued) {
      marks.queued = true;
      written.add(marks);
    }
  }

  /** Writes noticed so far. */
  synchronized long writes() {
    return writes;
  }

  /** Shows what was written since the last call. */
  void drain(Visitor visitor) {
    for (Marks marks : take()) {
      for (int word = 0; word < WORDS; word++) {
        long bits = takeWord(marks, word);
        while (bits != 0) {
          int bit = Long.numberOfTrailingZeros(bits);
          bits &= bits - 1;
          if (marks.watched) {
            visitor.written(marks.mfn, word * 64 + bit);
          }
        }
      }
    }
  }

  private synchronized List<Marks> take() {
    if (written.isEmpty()) {
      return List.of();
    }
    List<Marks> taken = written;
    written = new ArrayList<>();
    for (Marks marks : taken) {
      marks.queued = false;
    }
    return taken;
  }

  private synchronized long takeWord(Marks marks, int word) {
    long bits = marks.bits[word];
    marks.bits[word] = 0;
    return bits;
  }
}
