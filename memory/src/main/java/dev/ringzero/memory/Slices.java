package dev.ringzero.memory;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A guest-physical range as the runs of machine memory that it lies in, for zero-copy device
 * access. The frames are pinned until {@link #close()}: a revocation of them by another thread
 * waits.
 */
public final class Slices implements AutoCloseable {
  private final DmaMemory memory;
  private final boolean write;
  private final Thread holder = Thread.currentThread();
  private long[] hpas = new long[4];
  private long[] lengths = new long[4];
  private int count;

  /** Of which this is made, where addresses are translated. */
  private List<Slices> parts = List.of();

  private int token;

  Slices(DmaMemory memory, boolean write) {
    this.memory = memory;
    this.write = write;
  }

  /** Takes over runs that are pinned elsewhere; closing this closes them. */
  void include(Slices part) {
    if (parts.isEmpty()) {
      parts = new ArrayList<>(1);
    }
    parts.add(part);
    for (int run = 0; run < part.count; run++) {
      add(part.hpas[run], part.lengths[run]);
    }
  }

  void token(int ofAccess) {
    token = ofAccess;
  }

  int token() {
    return token;
  }

  void add(long hpa, long lengthBytes) {
    if (count > 0 && hpas[count - 1] + lengths[count - 1] == hpa) {
      lengths[count - 1] += lengthBytes;
      return;
    }
    if (count == hpas.length) {
      hpas = Arrays.copyOf(hpas, count * 2);
      lengths = Arrays.copyOf(lengths, count * 2);
    }
    hpas[count] = hpa;
    lengths[count++] = lengthBytes;
  }

  /** Number of contiguous runs. */
  public int count() {
    return count;
  }

  public long hpa(int run) {
    return hpas[run];
  }

  public long lengthBytes(int run) {
    return lengths[run];
  }

  /** A run as a bounded segment, for channels and copies. Use it before {@link #close()} only. */
  public MemorySegment segment(int run) {
    return MachineMemory.slice(hpas[run], lengths[run]);
  }

  boolean isHeldByCaller() {
    return holder == Thread.currentThread();
  }

  boolean isWrite() {
    return write;
  }

  boolean overlaps(long firstMfn, long frames) {
    for (int i = 0; i < count; i++) {
      long first = hpas[i] >>> FramePool.FRAME_SHIFT;
      long last = hpas[i] + lengths[i] - 1 >>> FramePool.FRAME_SHIFT;
      if (first < firstMfn + frames && last >= firstMfn) {
        return true;
      }
    }
    return false;
  }

  /** Unpins. Code that was kept from written frames is dropped once more. */
  @Override
  public void close() {
    parts.forEach(Slices::close);
    memory.release(this);
  }
}
