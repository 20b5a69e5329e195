package dev.ringzero.cpu.paging;

/** What {@link Mmu#locate} finds out of a page, for who keeps translations of its own. */
public final class PageTranslation {
  /** Machine address of the page. */
  public long hpaPage;

  /** Whether the page may be read at the current privilege. */
  public boolean readable;

  /** Whether the page may be written at the current privilege, with nobody to be told. */
  public boolean writable;

  /** Whether the page is the same in all address spaces. */
  public boolean global;
}
