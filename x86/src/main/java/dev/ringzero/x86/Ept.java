package dev.ringzero.x86;

/**
 * The extended page table: its entries, its pointer, and the qualification of a violation.
 *
 * @spec Intel SDM Vol. 3C, "The Extended Page Table Mechanism (EPT)"
 */
public final class Ept {
  public static final long READ = 1L << 0; // Read access
  public static final long WRITE = 1L << 1; // Write access
  public static final long EXECUTE = 1L << 2; // Execute access
  public static final long MEMORY_TYPE = 7L << 3; // Memory type of a leaf
  public static final long IGNORE_PAT = 1L << 6; // Ignore PAT memory type
  public static final long LARGE = 1L << 7; // Maps a 2 MiB or 1 GiB page
  public static final long ACCESSED = 1L << 8; // Accessed
  public static final long DIRTY = 1L << 9; // Dirty

  /** All three rights. */
  public static final long RIGHTS = READ | WRITE | EXECUTE;

  /** Memory type write-back, in its place in a leaf. */
  public static final long WRITE_BACK = 6L << 3;

  /** Address bits of an entry. */
  public static final long ADDRESS = 0x000F_FFFF_FFFF_F000L;

  /** EPT pointer: memory type of the tables. */
  public static final long POINTER_WRITE_BACK = 6L;

  /** EPT pointer: a page walk of four levels. */
  public static final long POINTER_FOUR_LEVELS = 3L << 3;

  /** EPT pointer: accessed and dirty flags are enabled. */
  public static final long POINTER_ACCESSED_DIRTY = 1L << 6;

  /** Qualification: the access was a data read, a data write, an instruction fetch. */
  public static final long QUALIFICATION_READ = 1L << 0;

  public static final long QUALIFICATION_WRITE = 1L << 1;
  public static final long QUALIFICATION_FETCH = 1L << 2;

  /** Qualification: shift of the rights that the entries gave. */
  public static final int QUALIFICATION_RIGHTS_SHIFT = 3;

  /** Qualification: the guest linear address field is valid. */
  public static final long QUALIFICATION_LINEAR_VALID = 1L << 7;

  /** Qualification: the access was to the translation of the linear address, not to a table. */
  public static final long QUALIFICATION_FINAL = 1L << 8;

  private Ept() {}
}
