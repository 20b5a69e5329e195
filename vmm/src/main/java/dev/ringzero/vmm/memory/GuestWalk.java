package dev.ringzero.vmm.memory;

import dev.ringzero.memory.FrameMemory;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;

/**
 * The monitor's walk of a guest's own tables: what the guest means by a linear address, and whether
 * it allows an access. What it finds is in its fields until the next walk.
 *
 * <p>Not modelled: protection keys; the copies of PAE's top entries that a processor keeps: they
 * are read from memory each time.
 *
 * @spec Intel SDM Vol. 3A, "Paging"
 */
final class GuestWalk {
  private static final int MOST_LEVELS = 4;
  private static final long RESERVED = PageEntry.ADDRESS & -(1L << AddressWidth.PHYSICAL_BITS);
  private static final long RESERVED_PAE = RESERVED | 0x7FF0_0000_0000_0000L;
  private static final long RESERVED_PDPTE = RESERVED_PAE | PageEntry.XD | 0x1E6;
  private static final long RESERVED_PSE = 1L << 21;

  private final FrameMemory memory;
  private GuestPaging paging;
  private GuestPaging.Mode mode;

  /** Entries read, from the top: where they are, what they hold, and what they map or point to. */
  int depth;

  final long[] entryGpas = new long[MOST_LEVELS];
  final long[] entries = new long[MOST_LEVELS];

  /** log2 of the size of what one entry of each table covers. */
  final int[] shifts = new int[MOST_LEVELS];

  /** Guest-physical address, if mapped. */
  long gpa;

  /** log2 of the size of the guest's page. */
  int sizeShift;

  /** What all entries allow. */
  boolean user;

  boolean writable;
  boolean executeDisabled;

  boolean global;

  /** Error code of the page fault, if the access is not allowed. */
  int errorCode;

  GuestWalk(FrameMemory memory) {
    this.memory = memory;
  }

  /**
   * Translates an address for an access, and marks what it used as accessed, and dirty if written.
   *
   * @param access bits of {@link PageFaultError}: WR, US and ID
   * @return whether the guest allows it; else {@link #errorCode} says why not
   */
  boolean walk(GuestPaging guestPaging, long linear, int access) {
    do {
      if (!find(guestPaging, linear)) {
        errorCode |= reported(access);
        return false;
      }
      if (!allows(access)) {
        errorCode = PageFaultError.P | reported(access);
        return false;
      }
    } while (!markUsed((access & PageFaultError.WR) != 0));
    return true;
  }

  /** As {@link #walk}, without marks and checks of rights. */
  boolean find(GuestPaging guestPaging, long linear) {
    paging = guestPaging;
    mode = paging.mode();
    depth = 0;
    user = true;
    writable = true;
    executeDisabled = false;
    global = false;
    if (mode == GuestPaging.Mode.NONE) {
      gpa = linear & 0xFFFF_FFFFL;
      sizeShift = 12;
      return true;
    }
    long table = paging.topTable();
    for (int shift = mode.topShift; ; shift -= mode.indexBits) {
      long index = linear >>> shift & (1L << mode.indexBits) - 1;
      long entry = read(table + (indexMask(shift) & index) * mode.entryBytes, shift);
      if ((entry & PageEntry.P) == 0) {
        errorCode = 0;
        return false;
      }
      boolean leaf = isLeaf(entry, shift);
      if ((entry & reserved(shift, leaf)) != 0) {
        errorCode = PageFaultError.P | PageFaultError.RSVD;
        return false;
      }
      if (!isPdpte(shift)) {
        user &= (entry & PageEntry.US) != 0;
        writable &= (entry & PageEntry.RW) != 0;
        executeDisabled |= paging.noExecute() && (entry & PageEntry.XD) != 0;
      }
      if (leaf) {
        found(linear, entry, shift);
        return true;
      }
      table = entry & PageEntry.ADDRESS;
    }
  }

  private long indexMask(int shift) {
    return isPdpte(shift) ? 3 : -1;
  }

  private boolean isPdpte(int shift) {
    return mode == GuestPaging.Mode.PAE && shift == 30;
  }

  private long read(long entryGpa, int shift) {
    long entry = mode.entryBytes == 8 ? memory.read64(entryGpa) : memory.read32(entryGpa);
    entryGpas[depth] = entryGpa;
    entries[depth] = entry;
    shifts[depth++] = shift;
    return entry;
  }

  private boolean isLeaf(long entry, int shift) {
    if (shift == 12) {
      return true;
    }
    boolean mayBeLarge =
        switch (mode) {
          case BITS_32 -> paging.pageSizeExtensions();
          case PAE -> shift == 21;
          default -> shift != 39;
        };
    return mayBeLarge && (entry & PageEntry.PS) != 0;
  }

  private long reserved(int shift, boolean leaf) {
    return reserved(mode, paging.noExecute(), shift, leaf);
  }

  /** Bits that must be clear in an entry of the table that this bit of an address indexes first. */
  static long reserved(GuestPaging.Mode mode, boolean noExecute, int shift, boolean leaf) {
    if (mode == GuestPaging.Mode.BITS_32) {
      return leaf && shift == 22 ? RESERVED_PSE : 0;
    }
    if (mode == GuestPaging.Mode.PAE && shift == 30) {
      return RESERVED_PDPTE;
    }
    long bits = mode == GuestPaging.Mode.PAE ? RESERVED_PAE : RESERVED;
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

  /** Start of the page of 4 MiB that an entry of 32 bits maps. */
  static long largePage32(long entry) {
    return entry & 0xFFC0_0000L | (entry >>> 13 & 0xFF) << 32;
  }

  private void found(long linear, long entry, int shift) {
    long offset = (1L << shift) - 1;
    long page = entry & PageEntry.ADDRESS & ~offset;
    if (mode == GuestPaging.Mode.BITS_32 && shift == 22) {
      page = largePage32(entry);
    }
    gpa = page | linear & offset;
    global = paging.globalPages() && (entry & PageEntry.G) != 0;
    sizeShift = shift;
  }

  /** Whether the guest's tables let it write the page without setting a dirty bit first. */
  boolean isDirty() {
    return mode == GuestPaging.Mode.NONE || (entries[depth - 1] & PageEntry.D) != 0;
  }

  private boolean allows(int access) {
    boolean write = (access & PageFaultError.WR) != 0;
    boolean fetch = (access & PageFaultError.ID) != 0;
    if ((access & PageFaultError.US) != 0) {
      return user && !(write && !writable) && !(fetch && executeDisabled);
    }
    if (fetch) {
      return !executeDisabled && !(user && paging.smep());
    }
    boolean reachable = !user || !paging.smap() || paging.lifted();
    return reachable && !(write && !writable && paging.writeProtect());
  }

  private int reported(int access) {
    boolean fetchesTold = paging.noExecute() || paging.smep();
    return fetchesTold ? access : access & ~PageFaultError.ID;
  }

  private boolean markUsed(boolean write) {
    for (int i = 0; i < depth; i++) {
      if (isPdpte(shifts[i])) {
        continue;
      }
      boolean leaf = i == depth - 1;
      long bits = leaf && write ? PageEntry.A | PageEntry.D : PageEntry.A;
      if ((entries[i] & bits) != bits) {
        if (!replace(entryGpas[i], entries[i], entries[i] | bits)) {
          return false;
        }
        entries[i] |= bits;
      }
    }
    return true;
  }

  private boolean replace(long entryGpa, long expected, long value) {
    if (!memory.isRam(entryGpa, 8)) {
      return true; // nothing there keeps a bit
    }
    if (mode.entryBytes == 8) {
      return memory.compareAndSet64(entryGpa, expected, value);
    }
    long place = entryGpa & -8L;
    int shift = (int) (entryGpa & 4) * 8;
    long mask = 0xFFFF_FFFFL << shift;
    long both = memory.read64(place);
    return (both & mask) >>> shift == expected
        && memory.compareAndSet64(place, both, both & ~mask | value << shift);
  }
}
