package dev.ringzero.cpu.paging;

/**
 * The address spaces of one guest, as the {@link Tlb} tells them apart: a context number for each
 * PCID, one for pages that are global in it, and where it used large pages.
 */
public final class Space {
  static final int PCIDS = 4096;

  final int[] contextOfPcid = new int[PCIDS];
  int globalContext;

  /** Linear regions that were mapped by large pages; one bit stands for several of them. */
  final long[] largeRegions = new long[64];

  long hugeRegions;

  /**
   * By the same number as {@link #largeRegions}: start and context of the region that was last
   * dropped as a whole and has had no large page since, else 0. Its pages can be dropped one by
   * one.
   */
  final long[] cleanRegions = new long[4096];

  /** Bits of control registers under which its pages were entered. */
  long controls;

  /** What protection keys forbade. */
  long keys;

  /** What else an inner guest's level decided about its pages: any number that tells. */
  public long virtualPage;

  Space() {}
}
