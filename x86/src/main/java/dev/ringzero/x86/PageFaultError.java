package dev.ringzero.x86;

/**
 * The error code of a page fault.
 *
 * @spec Intel SDM Vol. 3A, "Page-Fault Exceptions"
 */
public final class PageFaultError {
  public static final int P = 1 << 0; // a protection violation; else a page was not present
  public static final int WR = 1 << 1; // a write
  public static final int US = 1 << 2; // a user-mode access
  public static final int RSVD = 1 << 3; // a reserved bit was set
  public static final int ID = 1 << 4; // an instruction fetch
  public static final int PK = 1 << 5; // a protection key

  private PageFaultError() {}
}
