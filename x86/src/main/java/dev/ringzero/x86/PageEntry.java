package dev.ringzero.x86;

/**
 * An entry of a guest's paging structure, in all paging modes.
 *
 * @spec Intel SDM Vol. 3A, "Paging"
 */
public final class PageEntry {
  public static final long P = 1L << 0; // Present
  public static final long RW = 1L << 1; // Read/Write
  public static final long US = 1L << 2; // User/Supervisor
  public static final long PWT = 1L << 3; // Page-level Write-Through
  public static final long PCD = 1L << 4; // Page-level Cache Disable
  public static final long A = 1L << 5; // Accessed
  public static final long D = 1L << 6; // Dirty
  public static final long PS = 1L << 7; // Page Size
  public static final long G = 1L << 8; // Global
  public static final long XD = 1L << 63; // Execute Disable (AMD: No-Execute)

  /** Address bits of a 64-bit entry that maps or points to a 4 KiB page: bits 51:12. */
  public static final long ADDRESS = 0x000F_FFFF_FFFF_F000L;

  private PageEntry() {}
}
