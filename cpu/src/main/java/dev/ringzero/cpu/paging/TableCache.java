package dev.ringzero.cpu.paging;

import java.util.Arrays;

/** Pages of paging structures that were walked to lately: gpa page, machine page. */
final class TableCache {
  private static final int TABLES = 256;
  private static final long NOTHING = -1;

  private final long[] gpas = new long[TABLES];
  private final long[] hpas = new long[TABLES];

  TableCache() {
    clear();
  }

  /** Machine address of a gpa, or -1. */
  long find(long gpa) {
    int slot = slot(gpa);
    return gpas[slot] == (gpa & -4096L) ? hpas[slot] | gpa & 4095 : NOTHING;
  }

  void put(long gpa, long hpa) {
    int slot = slot(gpa);
    gpas[slot] = gpa & -4096L;
    hpas[slot] = hpa & -4096L;
  }

  private static int slot(long gpa) {
    return (int) (gpa >>> 12) & TABLES - 1;
  }

  void clear() {
    Arrays.fill(gpas, NOTHING);
  }
}
