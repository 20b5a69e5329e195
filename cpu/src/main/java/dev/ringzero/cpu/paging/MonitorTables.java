package dev.ringzero.cpu.paging;

import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.MonitorEntry;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;

/**
 * The walk of tables that the monitor keeps in place of the guest's (VMX without EPT): four levels,
 * from linear to machine addresses, with CR0.WP and EFER.NXE as if set. The monitor gives entries
 * of its own with accessed and dirty bits set, so that none needs to be set here; with direct
 * paging the tables are a guest's own, which the monitor has only validated. What the walk finds is
 * in its fields until the next.
 *
 * @spec Intel SDM Vol. 3A, "4-Level Paging"; Vol. 3C, "Memory Virtualization"
 */
final class MonitorTables {
  private long root;
  private boolean guestOwned;
  private boolean globalPages;
  private boolean smep;
  private boolean smap;

  /** Machine address of the page, or the gpa of a device's, or-ed with rights and DEVICE. */
  long data;

  /** Of a guest's own tables the upper half, which has a tag of its own. */
  boolean global;

  /** log2 of the size of the page that the tables map. */
  int sizeShift;

  int errorCode;

  private final long[] entryHpas = new long[4];

  /** Entries read so far. */
  long references;

  /**
   * Sets the top table.
   *
   * @param hpa its machine address, 0 for none
   * @param guests whether the tables are a guest's own: then accessed and dirty bits are set in
   *     them, and bits that the format leaves to software mean nothing
   */
  void root(long hpa, boolean guests) {
    root = hpa;
    guestOwned = guests;
  }

  boolean hasRoot() {
    return root != 0;
  }

  void controls(long cr4) {
    globalPages = (cr4 & Cr4.PGE) != 0;
    smep = (cr4 & Cr4.SMEP) != 0;
    smap = (cr4 & Cr4.SMAP) != 0;
  }

  /**
   * Translates an address for an access, see {@link Access}.
   *
   * @return false for a page fault, whose error code is in {@link #errorCode}
   */
  boolean walk(long linear, int privilege, int access) {
    long table = root;
    long allow = PageEntry.RW | PageEntry.US;
    long deny = 0;
    boolean told = !guestOwned;
    int level = 0;
    int shift = 39;
    long entry;
    while (true) {
      long hpa = table + (linear >>> shift & 511) * 8;
      entry = MachineMemory.read64(hpa);
      entryHpas[level++] = hpa;
      references++;
      if ((entry & PageEntry.P) == 0) {
        return fault(0, privilege, access);
      }
      boolean leaf = shift == 12 || (entry & PageEntry.PS) != 0;
      told &= (entry & (leaf ? MonitorEntry.TOLD : PageEntry.RW)) != 0;
      allow &= entry;
      deny |= entry;
      if (leaf) {
        break;
      }
      table = entry & PageEntry.ADDRESS;
      shift -= 9;
    }
    int rights =
        Access.rights(
            (allow & PageEntry.US) != 0,
            (allow & PageEntry.RW) != 0 || told,
            (deny & PageEntry.XD) != 0,
            true,
            smep,
            smap);
    if ((rights & Access.right(privilege, access)) == 0) {
      return fault(PageFaultError.P, privilege, access);
    }
    found(linear, entry, shift, rights);
    return !guestOwned
        || mark(level, entry, access == Access.WRITE)
        || walk(linear, privilege, access);
  }

  private void found(long linear, long entry, int shift, int rights) {
    long offset = (1L << shift) - 1;
    long page = entry & PageEntry.ADDRESS & ~offset | linear & offset & -4096L;
    boolean device = !guestOwned && (entry & MonitorEntry.DEVICE) != 0;
    data = page | rights | (device ? Tlb.DEVICE : 0);
    global = guestOwned ? linear < 0 : globalPages && (entry & PageEntry.G) != 0;
    sizeShift = shift;
  }

  /** Sets accessed and dirty bits of a guest's own tables; false if its leaf changed meanwhile. */
  private boolean mark(int levels, long leaf, boolean write) {
    for (int i = 0; i < levels - 1; i++) {
      long upper = MachineMemory.read64(entryHpas[i]);
      if ((upper & (PageEntry.P | PageEntry.A)) == PageEntry.P) {
        MachineMemory.compareAndSet64(entryHpas[i], upper, upper | PageEntry.A);
      }
    }
    long bits = write ? PageEntry.A | PageEntry.D : PageEntry.A;
    if (((leaf | bits) & PageEntry.D) == 0) {
      data &= ~(long) Access.ALL_WRITE;
    }
    return (leaf & bits) == bits
        || MachineMemory.compareAndSet64(entryHpas[levels - 1], leaf, leaf | bits);
  }

  private boolean fault(int present, int privilege, int access) {
    errorCode =
        present
            | (privilege == Access.USER ? PageFaultError.US : 0)
            | (access == Access.WRITE ? PageFaultError.WR : 0)
            | (access == Access.EXECUTE ? PageFaultError.ID : 0);
    return false;
  }
}
