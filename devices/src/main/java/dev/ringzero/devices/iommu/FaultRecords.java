package dev.ringzero.devices.iommu;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/**
 * The fault recording registers, used in turn, and their summary in FSTS.
 *
 * @spec Intel VT-d 4.1, "Primary Fault Logging", "Fault Recording Registers"
 */
final class FaultRecords {
  static final int COUNT = 8;
  static final int BYTES = COUNT * 16;

  static final int OVERFLOW = 1 << 0; // FSTS.PFO
  private static final int PENDING = 1 << 1; // FSTS.PPF
  private static final int INDEX_SHIFT = 8; // FSTS.FRI

  private static final long RECORDED = 1L << 63; // FRCD.F
  private static final long READ = 1L << 62; // FRCD.T1
  private static final int REASON_SHIFT = 32;

  private final long[] low = new long[COUNT];
  private final long[] high = new long[COUNT];
  private int next;
  private int first;
  private boolean overflown;
  private long total;

  /**
   * Records a refused request.
   *
   * @return whether software is to be told: nothing was pending before
   */
  synchronized boolean record(Fault fault, int requesterId, long information, boolean write) {
    total++;
    if (overflown) {
      return false;
    }
    if ((high[next] & RECORDED) != 0) {
      overflown = true;
      return false;
    }
    boolean pending = isPending();
    if (!pending) {
      first = next;
    }
    low[next] = information;
    high[next] =
        RECORDED | (write ? 0 : READ) | (long) fault.reason() << REASON_SHIFT | requesterId;
    next = (next + 1) % COUNT;
    return !pending;
  }

  private boolean isPending() {
    for (long record : high) {
      if ((record & RECORDED) != 0) {
        return true;
      }
    }
    return false;
  }

  /** How many requests were refused, recorded or not. */
  synchronized long total() {
    return total;
  }

  /** What FSTS says about the records. */
  synchronized int status() {
    return (overflown ? OVERFLOW : 0) | (isPending() ? PENDING : 0) | first << INDEX_SHIFT;
  }

  synchronized void clearOverflow() {
    overflown = false;
  }

  /** Reads eight bytes at a multiple of 8. */
  synchronized long read(int offset) {
    int record = offset / 16;
    return (offset & 8) == 0 ? low[record] : high[record];
  }

  /** Writes four bytes; a one in F clears it. */
  synchronized void write(int offset, int value) {
    if (offset % 16 == 12 && value < 0) {
      high[offset / 16] &= ~RECORDED;
    }
  }

  synchronized void reset() {
    java.util.Arrays.fill(low, 0);
    java.util.Arrays.fill(high, 0);
    next = 0;
    first = 0;
    overflown = false;
  }

  synchronized void save(StateWriter out) {
    for (int i = 0; i < COUNT; i++) {
      out.writeLong(low[i]);
      out.writeLong(high[i]);
    }
    out.writeByte(next);
    out.writeByte(first);
    out.writeBoolean(overflown);
  }

  synchronized void restore(StateReader in) {
    for (int i = 0; i < COUNT; i++) {
      low[i] = in.readLong();
      high[i] = in.readLong();
    }
    next = in.readByte() % COUNT;
    first = in.readByte() % COUNT;
    overflown = in.readBoolean();
  }
}
