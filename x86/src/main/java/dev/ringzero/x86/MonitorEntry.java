package dev.ringzero.x86;

/**
 * What an entry of a table that a monitor keeps for a guest (linear to machine addresses, format of
 * 4-level paging) says in the bits that the format leaves to software.
 */
public final class MonitorEntry {
  /** The page is a device's: the address is guest-physical. */
  public static final long DEVICE = 1L << 9;

  /**
   * RW is clear because the page holds, or may hold, a page table of the guest. A write completes
   * all the same, and the monitor is told of it.
   */
  public static final long TOLD = 1L << 10;

  private MonitorEntry() {}
}
