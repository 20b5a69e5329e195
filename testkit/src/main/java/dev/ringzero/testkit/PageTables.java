package dev.ringzero.testkit;

import dev.ringzero.memory.GuestMemory;
import dev.ringzero.x86.PageEntry;

/**
 * Builds page tables in guest memory, as an operating system would, for all paging modes. Tables
 * that are missing on the way to a page are made with all rights.
 */
public final class PageTables {
  /** The paging modes that differ in the layout of their tables. */
  public enum Format {
    BITS_32(22, 10, 4),
    PAE(30, 9, 8),
    FOUR_LEVEL(39, 9, 8);

    final int topShift;
    final int indexBits;
    final int entryBytes;

    Format(int topShift, int indexBits, int entryBytes) {
      this.topShift = topShift;
      this.indexBits = indexBits;
      this.entryBytes = entryBytes;
    }
  }

  private static final long ALL_RIGHTS = PageEntry.P | PageEntry.RW | PageEntry.US;

  private final GuestMemory memory;
  private final Format format;
  private final long root;
  private long nextTable;

  /**
   * Empty tables.
   *
   * @param tablesGpa where tables may be put, the top-level one first
   */
  public PageTables(GuestMemory memory, Format format, long tablesGpa) {
    this.memory = memory;
    this.format = format;
    this.nextTable = tablesGpa;
    this.root = newTable();
  }

  /** The address for CR3. */
  public long root() {
    return root;
  }

  /** Maps a 4 KiB page; {@code bits} are those of the entry besides P. */
  public void map(long linear, long gpa, long bits) {
    writeEntry(entryGpa(linear, 12), gpa | PageEntry.P | bits);
  }

  /** Maps a large page: {@code shift} is 21, 22 or 30. */
  public void mapLarge(long linear, long gpa, long bits, int shift) {
    writeEntry(entryGpa(linear, shift), gpa | PageEntry.P | PageEntry.PS | bits);
  }

  /** Where the entry lies that a page of this size uses; tables above it are made. */
  public long entryGpa(long linear, int leafShift) {
    long table = root;
    for (int shift = format.topShift; shift > leafShift; shift -= format.indexBits) {
      long slot = slot(table, linear, shift);
      if ((readEntry(slot) & PageEntry.P) == 0) {
        boolean pointer = format == Format.PAE && shift == 30;
        writeEntry(slot, newTable() | (pointer ? PageEntry.P : ALL_RIGHTS));
      }
      table = readEntry(slot) & PageEntry.ADDRESS;
    }
    return slot(table, linear, leafShift);
  }

  /** The entry that a 4 KiB page uses. */
  public long entry(long linear) {
    return readEntry(entryGpa(linear, 12));
  }

  public long readEntry(long entryGpa) {
    return format.entryBytes == 8 ? memory.read64(entryGpa) : memory.read32(entryGpa);
  }

  public void writeEntry(long entryGpa, long entry) {
    if (format.entryBytes == 8) {
      memory.write64(entryGpa, entry);
    } else {
      memory.write32(entryGpa, entry);
    }
  }

  private long slot(long table, long linear, int shift) {
    return table + (linear >>> shift & (1L << format.indexBits) - 1) * format.entryBytes;
  }

  private long newTable() {
    long table = nextTable;
    memory.fill(table, 4096, 0);
    nextTable += 4096;
    return table;
  }
}
