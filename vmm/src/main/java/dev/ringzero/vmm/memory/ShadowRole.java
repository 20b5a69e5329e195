package dev.ringzero.vmm.memory;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.PageEntry;

/**
 * How the entries of a shadow come from those of a guest's table: bits of a {@link
 * ShadowTable.Key}.
 *
 * <p>A shadow always has 512 entries of four levels. A 32-bit table has 1024, so that its shadows
 * are two, for pages, or four, for tables, each of a part of it; and two levels are put above them.
 * PAE's four top entries are a part of their page; one level is put above them.
 */
final class ShadowRole {
  private static final int NO_EXECUTE = 1; // entries know the bit
  private static final int GLOBAL_PAGES = 2; // entries may be global
  private static final int GLOBAL_PART = 4; // of a global large page
  private static final int PAE = 8;
  private static final int BITS_32 = 16;
  private static final int LARGE_PAGES = 32; // of BITS_32: CR4.PSE
  private static final int PART_SHIFT = 8;

  private ShadowRole() {}

  static int of(GuestPaging paging) {
    int format =
        switch (paging.mode()) {
          case PAE -> PAE;
          case BITS_32 -> paging.pageSizeExtensions() ? BITS_32 | LARGE_PAGES : BITS_32;
          case FOUR_LEVEL, NONE -> 0;
        };
    return format
        | (paging.noExecute() ? NO_EXECUTE : 0)
        | (paging.globalPages() ? GLOBAL_PAGES : 0);
  }

  /** The role of the table that CR3 points to. */
  static int ofTop(GuestPaging paging) {
    boolean pae = paging.mode() == GuestPaging.Mode.PAE;
    return withPart(of(paging), pae ? (int) (paging.cr3() & 0xFE0) >> 5 : 0);
  }

  static int withPart(int role, int part) {
    return role | part << PART_SHIFT;
  }

  /** The role of smaller pages in place of one with these rights. */
  static int ofPage(int role, long rights) {
    return role & NO_EXECUTE | ((rights & PageEntry.G) != 0 ? GLOBAL_PART : 0);
  }

  static boolean hasGlobalPages(int role) {
    return (role & GLOBAL_PAGES) != 0;
  }

  static boolean isPae(int role) {
    return (role & PAE) != 0;
  }

  static boolean is32Bit(int role) {
    return (role & BITS_32) != 0;
  }

  private static GuestPaging.Mode mode(int role) {
    if (is32Bit(role)) {
      return GuestPaging.Mode.BITS_32;
    }
    return isPae(role) ? GuestPaging.Mode.PAE : GuestPaging.Mode.FOUR_LEVEL;
  }

  private static int part(ShadowTable.Key key) {
    return key.role() >>> PART_SHIFT;
  }

  /** What the guest's table says where the shadow has an entry. */
  static long entry(ShadowTable.Key key, int index) {
    long table = key.frame() << FramePool.FRAME_SHIFT;
    if (is32Bit(key.role())) {
      int at = key.level() == 1 ? part(key) * 512 + index : part(key) * 256 + index / 2;
      return MachineMemory.read32(table + at * 4L);
    }
    int at = isPae(key.role()) && key.level() == 3 ? part(key) * 4 + index : index;
    return MachineMemory.read64(table + at * 8L);
  }

  /** Whether 8 bytes of the guest's table belong to what the shadow is of. */
  static boolean covers(ShadowTable.Key key, int written) {
    return !isPae(key.role()) || key.level() < 3 || written >>> 2 == part(key);
  }

  /**
   * The first entry of a shadow that 8 bytes of the guest's table mean, or -1. The top entries of
   * PAE count only when CR3 is loaded.
   */
  static int firstIndex(ShadowTable.Key key, int written) {
    if (!is32Bit(key.role())) {
      return isPae(key.role()) && key.level() > 2 ? -1 : written;
    }
    return switch (key.level()) {
      case 1 -> written >>> 8 == part(key) ? written * 2 & 511 : -1;
      case 2 -> written >>> 7 == part(key) ? written * 4 & 511 : -1;
      default -> -1;
    };
  }

  /** How many entries of a shadow 8 bytes of the guest's table mean. */
  static int indexCount(ShadowTable.Key key) {
    return is32Bit(key.role()) ? 2 * key.level() : 1;
  }

  /** Whether a guest's entry is of a large page. */
  static boolean isLarge(ShadowTable.Key key, long entry) {
    boolean known = !is32Bit(key.role()) || (key.role() & LARGE_PAGES) != 0;
    return key.level() > 1 && known && (entry & PageEntry.PS) != 0;
  }

  /** Whether a guest's entry has no reserved bit set. */
  static boolean isPlain(ShadowTable.Key key, long entry, boolean large) {
    GuestPaging.Mode mode = mode(key.role());
    int shift = is32Bit(key.role()) && key.level() == 2 ? 22 : 3 + 9 * key.level();
    boolean noExecute = (key.role() & NO_EXECUTE) != 0;
    return (entry & GuestWalk.reserved(mode, noExecute, shift, large || key.level() == 1)) == 0;
  }

  /** The guest-physical address that a guest's entry gives to what an entry of the shadow maps. */
  static long gpa(ShadowTable.Key key, int index, long entry, boolean large) {
    if (!large) {
      return entry & PageEntry.ADDRESS;
    }
    if (is32Bit(key.role())) {
      return GuestWalk.largePage32(entry) | (index & 1L) << 21;
    }
    return entry & PageEntry.ADDRESS & -(1L << 3 + 9 * key.level());
  }
}
