package dev.ringzero.cpu.paging;

import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;

/**
 * The walk of the guest's paging structures, in all paging modes; each entry of them is itself
 * reached through the second-level table. What it finds is in its fields until the next walk.
 * Accessed and dirty bits are set when the whole walk has succeeded.
 *
 * <p>Not modelled: shadow stacks.
 *
 * @spec Intel SDM Vol. 3A, "Paging"
 */
final class PageWalker {
  /** How a walk ends. */
  enum Outcome {
    MAPPED,
    /** A page fault; its error code is in {@link #errorCode}. */
    FAULT,
    /** The second-level table lacks an entry or a right for a guest paging structure. */
    TABLE_VIOLATION,
    /** The second-level table has a malformed entry on the way to a guest paging structure. */
    TABLE_MISCONFIGURATION,
    /** Nested tables do not allow the walk to reach a guest paging structure. */
    NESTED_FAULT
  }

  private static final long RESERVED_64 = PageEntry.ADDRESS & -(1L << AddressWidth.PHYSICAL_BITS);
  private static final long RESERVED_PAE = RESERVED_64 | 0x7FF0_0000_0000_0000L;
  private static final long RESERVED_PDPTE = RESERVED_PAE | PageEntry.XD | 0x1E6;
  private static final long RESERVED_PSE = 1L << 21;
  private static final int MOST_LEVELS = 4;

  private final SecondLevel secondLevel;

  // What the control registers say.
  private PagingMode mode = PagingMode.NONE;
  private long cr3;
  private boolean writeProtect;
  private boolean pageSizeExtensions;
  private boolean globalPages;
  private boolean noExecute;
  private boolean smep;
  private boolean smap;
  private final long[] pdptes = new long[4];

  /** What protection keys forbid: two bits for each key of user pages, then of supervisor pages. */
  private long keys;

  /** Whether the walk may change nothing. */
  private boolean peek;

  // What a walk found.
  /** Guest-physical address. */
  long gpa;

  /** Rights of all privileges, as {@link Access#right}. */
  int rights;

  /** Rights that only the page's protection key takes. */
  private int keyDenies;

  boolean global;

  /** log2 of the size of the page that the guest's tables map. */
  int sizeShift;

  int errorCode;

  /** Entries of guest tables read so far. */
  long references;

  // The entries on the way, for accessed and dirty bits.
  private final long[] entryGpas = new long[MOST_LEVELS];
  private final long[] entryHpas = new long[MOST_LEVELS];
  private final long[] entries = new long[MOST_LEVELS];
  private int levels;

  /** Nested tables let an entry be read, but not marked as used. */
  boolean markingFailed;

  PageWalker(SecondLevel secondLevel) {
    this.secondLevel = secondLevel;
  }

  void controls(long cr0, long cr4, long efer) {
    mode = PagingMode.of(cr0, cr4, efer);
    writeProtect = (cr0 & Cr0.WP) != 0;
    pageSizeExtensions = (cr4 & Cr4.PSE) != 0;
    globalPages = (cr4 & Cr4.PGE) != 0;
    smep = (cr4 & Cr4.SMEP) != 0;
    smap = (cr4 & Cr4.SMAP) != 0;
    noExecute = (efer & Efer.NXE) != 0 && mode.entryBytes == 8;
  }

  void keys(long forbidden) {
    keys = forbidden;
  }

  void root(long newCr3) {
    cr3 = newCr3;
  }

  PagingMode mode() {
    return mode;
  }

  /** The page-directory-pointer registers of PAE paging, as state. */
  long[] pdptes() {
    return pdptes;
  }

  /**
   * Loads the page-directory-pointer registers.
   *
   * @return {@link Outcome#FAULT} if an entry is malformed; then none is loaded
   */
  Outcome loadPdptes(long newCr3) {
    long table = newCr3 & 0xFFFF_FFE0L;
    long[] loaded = new long[4];
    for (int i = 0; i < 4; i++) {
      int outcome = secondLevel.walkToTable(table + i * 8L);
      if (outcome != SecondLevel.MAPPED) {
        gpa = table + i * 8L;
        return tableOutcome(outcome);
      }
      loaded[i] = MachineMemory.read64(secondLevel.hpa);
      if ((loaded[i] & PageEntry.P) != 0 && (loaded[i] & RESERVED_PDPTE) != 0) {
        return Outcome.FAULT;
      }
    }
    System.arraycopy(loaded, 0, pdptes, 0, 4);
    return Outcome.MAPPED;
  }

  /** Translates an address for an access, see {@link Access}. */
  Outcome walk(long linear, int privilege, int access) {
    peek = false;
    markingFailed = false;
    if (mode == PagingMode.NONE) {
      return identity(linear);
    }
    int faultBits = faultBits(privilege, access);
    while (true) {
      Outcome outcome = descend(linear);
      if (outcome != Outcome.MAPPED) {
        errorCode |= outcome == Outcome.FAULT ? faultBits : 0;
        return outcome;
      }
      if ((rights & Access.right(privilege, access)) == 0) {
        boolean byKey = (keyDenies & Access.right(privilege, access)) != 0;
        errorCode = PageFaultError.P | faultBits | (byKey ? PageFaultError.PK : 0);
        return Outcome.FAULT;
      }
      if (secondLevel.nested() != null && !mayMark(access == Access.WRITE)) {
        markingFailed = true;
        return Outcome.NESTED_FAULT;
      }
      if (markUsed(access == Access.WRITE)) {
        return Outcome.MAPPED;
      }
    }
  }

  /** As {@link #walk}, without side effects and checks of rights. */
  Outcome peek(long linear) {
    if (mode == PagingMode.NONE) {
      return identity(linear);
    }
    peek = true;
    return descend(linear);
  }

  private Outcome identity(long linear) {
    gpa = linear & 0xFFFF_FFFFL;
    rights = Access.ALL_RIGHTS;
    global = false;
    sizeShift = 12;
    return Outcome.MAPPED;
  }

  private int faultBits(int privilege, int access) {
    int bits = privilege == Access.USER ? PageFaultError.US : 0;
    return switch (access) {
      case Access.WRITE -> bits | PageFaultError.WR;
      case Access.EXECUTE -> noExecute || smep ? bits | PageFaultError.ID : bits;
      default -> bits;
    };
  }

  private Outcome descend(long linear) {
    levels = 0;
    long table = cr3 & PageEntry.ADDRESS;
    if (mode == PagingMode.PAE) {
      long pdpte = pdptes[(int) (linear >>> 30) & 3];
      if (secondLevel.nested() != null && secondLevel.nested().readsPdptes()) {
        Outcome outcome = readEntry((cr3 & 0xFFFF_FFE0L) + (linear >>> 30 & 3) * 8);
        if (outcome != Outcome.MAPPED) {
          return outcome;
        }
        pdpte = entries[--levels];
      }
      if ((pdpte & PageEntry.P) == 0) {
        return fault(0);
      }
      if ((pdpte & RESERVED_PDPTE) != 0) {
        return fault(PageFaultError.P | PageFaultError.RSVD);
      }
      table = pdpte & PageEntry.ADDRESS;
    } else if (mode == PagingMode.BITS_32) {
      table = cr3 & 0xFFFF_F000L;
    }
    long allow = PageEntry.RW | PageEntry.US;
    long deny = 0;
    for (int shift = mode.topShift; ; shift -= mode.indexBits) {
      long index = linear >>> shift & (1L << mode.indexBits) - 1;
      Outcome outcome = readEntry(table + index * mode.entryBytes);
      if (outcome != Outcome.MAPPED) {
        return outcome;
      }
      long entry = entries[levels - 1];
      if ((entry & PageEntry.P) == 0) {
        return fault(0);
      }
      boolean leaf = isLeaf(entry, shift);
      if ((entry & reserved(shift, leaf)) != 0) {
        return fault(PageFaultError.P | PageFaultError.RSVD);
      }
      allow &= entry;
      deny |= entry;
      if (leaf) {
        found(linear, entry, shift, allow, noExecute && (deny & PageEntry.XD) != 0);
        return Outcome.MAPPED;
      }
      table = entry & PageEntry.ADDRESS;
    }
  }

  private Outcome fault(int code) {
    errorCode = code;
    return Outcome.FAULT;
  }

  private Outcome readEntry(long entryGpa) {
    references++;
    boolean plainPeek = peek && secondLevel.nested() == null;
    int outcome =
        plainPeek ? secondLevel.find(entryGpa, Ept.READ) : secondLevel.walkToTable(entryGpa);
    long outerGpa = plainPeek ? entryGpa : secondLevel.gpa;
    if (outcome == SecondLevel.VIOLATION && !secondLevel.isRam(outerGpa)) {
      entries[levels++] = -1L; // where nobody answers, reads are all ones
      return Outcome.MAPPED;
    }
    if (outcome != SecondLevel.MAPPED) {
      gpa = entryGpa;
      return tableOutcome(outcome);
    }
    entryGpas[levels] = entryGpa;
    entryHpas[levels] = secondLevel.hpa;
    entries[levels++] = MachineMemory.read(secondLevel.hpa, mode.entryBytes);
    return Outcome.MAPPED;
  }

  private static Outcome tableOutcome(int outcome) {
    return switch (outcome) {
      case SecondLevel.VIOLATION -> Outcome.TABLE_VIOLATION;
      case SecondLevel.NESTED_FAULT -> Outcome.NESTED_FAULT;
      default -> Outcome.TABLE_MISCONFIGURATION;
    };
  }

  private boolean isLeaf(long entry, int shift) {
    if (shift == 12) {
      return true;
    }
    boolean mayBeLarge =
        switch (mode) {
          case BITS_32 -> pageSizeExtensions;
          case FOUR_LEVEL -> shift != 39;
          default -> true;
        };
    return mayBeLarge && (entry & PageEntry.PS) != 0;
  }

  private long reserved(int shift, boolean leaf) {
    if (mode == PagingMode.BITS_32) {
      return leaf && shift == 22 ? RESERVED_PSE : 0;
    }
    long bits = mode == PagingMode.PAE ? RESERVED_PAE : RESERVED_64;
    if (!noExecute) {
      bits |= PageEntry.XD;
    }
    if (leaf && shift > 12) {
      bits |= (1L << shift) - (1L << 13);
    } else if (shift == 39) {
      bits |= PageEntry.PS;
    }
    return bits;
  }

  private void found(long linear, long entry, int shift, long allow, boolean executeDisabled) {
    long offset = (1L << shift) - 1;
    long page = entry & PageEntry.ADDRESS & ~offset;
    if (mode == PagingMode.BITS_32 && shift == 22) {
      page = entry & 0xFFC0_0000L | (entry >>> 13 & 0xFF) << 32;
    }
    gpa = page | linear & offset;
    global = globalPages && (entry & PageEntry.G) != 0;
    sizeShift = shift;
    boolean user = (allow & PageEntry.US) != 0;
    boolean writable = (allow & PageEntry.RW) != 0;
    rights = Access.rights(user, writable, executeDisabled, writeProtect, smep, smap);
    keyDenies =
        keys == 0 || mode != PagingMode.FOUR_LEVEL
            ? 0
            : Access.deniedByKey(
                (int) (keys >>> (user ? 0 : 32) + 2 * (int) (entry >>> 59 & 15)), writeProtect);
    rights &= ~keyDenies;
  }

  /** Whether nested tables allow what {@link #markUsed} will write; else gpa is where not. */
  private boolean mayMark(boolean write) {
    NestedWalk nested = secondLevel.nested();
    if ((nested.tableAccess() & Ept.WRITE) != 0) {
      return true;
    }
    for (int i = 0; i < levels; i++) {
      long bits = i == levels - 1 && write ? PageEntry.A | PageEntry.D : PageEntry.A;
      boolean marked = (entries[i] & bits) == bits;
      if (!marked && !nested.walk(entryGpas[i], Ept.READ | Ept.WRITE, true)) {
        gpa = entryGpas[i];
        return false;
      }
    }
    return true;
  }

  /**
   * Sets accessed bits on the way and the dirty bit for a write; a clean page loses its rights to
   * be written, so that the first write walks again.
   *
   * @return false if an entry changed meanwhile: walk again
   */
  private boolean markUsed(boolean write) {
    for (int i = 0; i < levels; i++) {
      boolean leaf = i == levels - 1;
      long bits = leaf && write ? PageEntry.A | PageEntry.D : PageEntry.A;
      long entry = entries[i];
      if ((entry & bits) != bits && !replace(entryHpas[i], entry, entry | bits)) {
        return false;
      }
      if (leaf && ((entry | bits) & PageEntry.D) == 0) {
        rights &= ~Access.ALL_WRITE;
      }
    }
    return true;
  }

  private boolean replace(long hpa, long expected, long value) {
    boolean replaced =
        mode.entryBytes == 8
            ? MachineMemory.compareAndSet64(hpa, expected, value)
            : MachineMemory.compareAndSet32(hpa, expected, value);
    secondLevel.written(hpa, mode.entryBytes);
    return replaced;
  }
}
