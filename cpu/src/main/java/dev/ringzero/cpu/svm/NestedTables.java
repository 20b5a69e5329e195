package dev.ringzero.cpu.svm;

import dev.ringzero.cpu.paging.NestedWalk;
import dev.ringzero.cpu.paging.PagingMode;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;

/**
 * Nested paging: tables in the format of the monitor's own paging mode, in which every access of
 * the guest is a user's, and one to its paging structures a write.
 *
 * <p>Not modelled: guest mode execute trap, supervisor shadow stacks.
 *
 * @spec AMD64 APM Vol. 2, "Nested Paging"
 */
final class NestedTables extends NestedWalk {
  private static final long RESERVED_64 = PageEntry.ADDRESS & -(1L << AddressWidth.PHYSICAL_BITS);
  private static final long RESERVED_PAE = RESERVED_64 | 0x7FF0_0000_0000_0000L;
  private static final long RESERVED_PDPTE = RESERVED_PAE | PageEntry.XD | 0x1E6;
  private static final long RESERVED_PSE = 1L << 21;
  private static final int MOST_LEVELS = 4;

  private PagingMode mode = PagingMode.FOUR_LEVEL;
  private boolean noExecute;
  private boolean smep;
  private boolean pageSizeExtensions;
  private long root;

  /** Error code of the walk that failed last, without the bits that tell its place. */
  int errorCode;

  private final long[] entryHpas = new long[MOST_LEVELS];
  private final long[] entries = new long[MOST_LEVELS];
  private int levels;

  /** Walks from this root on, in the paging mode of the monitor. */
  void root(long nestedCr3, long cr0, long cr4, long efer) {
    root = nestedCr3;
    mode = PagingMode.of(cr0, cr4, efer);
    smep = (cr4 & Cr4.SMEP) != 0;
    noExecute = (efer & Efer.NXE) != 0 && mode.entryBytes() == 8;
    pageSizeExtensions = (cr4 & Cr4.PSE) != 0;
  }

  @Override
  public long tableAccess() {
    return Ept.READ | Ept.WRITE;
  }

  @Override
  public boolean readsPdptes() {
    return true;
  }

  @Override
  public boolean walk(long innerGpa, long access, boolean table) {
    boolean write = (access & Ept.WRITE) != 0;
    int faultBits =
        PageFaultError.US
            | (write ? PageFaultError.WR : 0)
            | ((access & Ept.EXECUTE) != 0 && (noExecute || smep) ? PageFaultError.ID : 0);
    while (true) {
      errorCode = descend(innerGpa);
      if (errorCode != 0 || rights == 0) {
        errorCode = errorCode & ~NOT_PRESENT | faultBits;
        return false;
      }
      if ((access & ~rights) != 0) {
        errorCode = PageFaultError.P | faultBits;
        return false;
      }
      if (markUsed(write)) {
        return true;
      }
    }
  }

  /** Stands for an error code without any bit. */
  private static final int NOT_PRESENT = 1 << 30;

  private int descend(long innerGpa) {
    levels = 0;
    if (mode == PagingMode.NONE) {
      gpa = innerGpa & 0xFFFF_FFFFL;
      rights = Ept.RIGHTS;
      dirty = true;
      return 0;
    }
    if (innerGpa >>> (mode == PagingMode.FOUR_LEVEL ? 48 : 32) != 0) {
      return NOT_PRESENT;
    }
    long top = top(innerGpa);
    if (top < 0) {
      return top == -1 ? NOT_PRESENT : PageFaultError.P | PageFaultError.RSVD;
    }
    long allow = PageEntry.RW | PageEntry.US;
    long deny = 0;
    long base = top;
    for (int shift = mode.topShift(); ; shift -= mode.indexBits()) {
      long index = innerGpa >>> shift & (1L << mode.indexBits()) - 1;
      long entry = readEntry(base + index * mode.entryBytes(), mode.entryBytes());
      entryHpas[levels] = entryHpa();
      entries[levels++] = entry;
      if ((entry & PageEntry.P) == 0) {
        return NOT_PRESENT;
      }
      boolean leaf = isLeaf(entry, shift);
      if ((entry & reserved(shift, leaf)) != 0) {
        return PageFaultError.P | PageFaultError.RSVD;
      }
      allow &= entry;
      deny |= entry;
      if (leaf) {
        found(innerGpa, entry, shift, allow, noExecute && (deny & PageEntry.XD) != 0);
        return rights == 0 ? PageFaultError.P : 0;
      }
      base = entry & PageEntry.ADDRESS;
    }
  }

  /** Address of the top table; -1 if it is not present, -2 if its entry is malformed. */
  private long top(long innerGpa) {
    if (mode != PagingMode.PAE) {
      return mode == PagingMode.BITS_32 ? root & 0xFFFF_F000L : root & PageEntry.ADDRESS;
    }
    long pdpte = readEntry((root & 0xFFFF_FFE0L) + (innerGpa >>> 30 & 3) * 8, 8);
    if ((pdpte & PageEntry.P) == 0) {
      return -1;
    }
    return (pdpte & RESERVED_PDPTE) != 0 ? -2 : pdpte & PageEntry.ADDRESS;
  }

  private boolean isLeaf(long entry, int shift) {
    if (shift == 12) {
      return true;
    }
    boolean mayBeLarge = mode == PagingMode.BITS_32 ? pageSizeExtensions : shift != 39;
    return mayBeLarge && (entry & PageEntry.PS) != 0;
  }

  private long reserved(int shift, boolean leaf) {
    if (mode == PagingMode.BITS_32) {
      return leaf && shift == 22 ? RESERVED_PSE : 0;
    }
    long bits = mode == PagingMode.PAE ? RESERVED_PAE : RESERVED_64;
    bits |= noExecute ? 0 : PageEntry.XD;
    if (leaf && shift > 12) {
      bits |= (1L << shift) - (1L << 13);
    } else if (shift == 39) {
      bits |= PageEntry.PS;
    }
    if (!leaf && shift >= 30) {
      bits |= PageEntry.G;
    }
    return bits;
  }

  private void found(long innerGpa, long entry, int shift, long allow, boolean executeDisabled) {
    long offset = (1L << shift) - 1;
    long page = entry & PageEntry.ADDRESS & ~offset;
    if (mode == PagingMode.BITS_32) {
      page =
          shift == 22 ? entry & 0xFFC0_0000L | (entry >>> 13 & 0xFF) << 32 : entry & 0xFFFF_F000L;
    }
    gpa = page | innerGpa & offset;
    boolean user = (allow & PageEntry.US) != 0;
    boolean writable = (allow & PageEntry.RW) != 0;
    rights = user ? Ept.READ | (writable ? Ept.WRITE : 0) | (executeDisabled ? 0 : Ept.EXECUTE) : 0;
  }

  /** Sets accessed bits and, for a write, the dirty bit; false if an entry changed meanwhile. */
  private boolean markUsed(boolean write) {
    for (int i = 0; i < levels; i++) {
      boolean leaf = i == levels - 1;
      long bits = leaf && write ? PageEntry.A | PageEntry.D : PageEntry.A;
      long entry = entries[i];
      if ((entry & bits) != bits && !mark(entryHpas[i], entry, entry | bits, mode.entryBytes())) {
        return false;
      }
      dirty = ((entry | bits) & PageEntry.D) != 0;
    }
    return true;
  }
}
