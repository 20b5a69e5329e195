package dev.ringzero.cpu.paging;

import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.MonitorEntry;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;

/**
 * The walk of tables that the monitor keeps in place of the guest's (VMX without EPT): four levels,
 * from linear to machine addresses, with CR0.WP and EFER.NXE as if set. The monitor gives its entries
 * with accessed and dirty bits set, so that none needs to be set here. What the walk finds is in its
 * fields until the next.
 *
 * @spec Intel SDM Vol. 3A, "4-Level Paging"; Vol. 3C, "Memory Virtualization"
 */
final class MonitorTables {
  private long root;
  private boolean smep;
  private boolean smap;

  /** Machine address of the page, or the gpa of a device's, or-ed with rights and DEVICE. */
  long data;

  boolean global;

  /** log2 of the size of the page that the tables map. */
  int sizeShift;

  int errorCode;

  /** Entries read so far. */
  long references;

  /** Machine address of the top table, 0 for none. */
  void root(long hpa) {
    root = hpa;
  }

  boolean hasRoot() {
    return root != 0;
  }

  void controls(long cr4) {
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
    boolean told = true;
    int shift = 39;
    long entry;
    while (true) {
      entry = MachineMemory.read64(table + (linear >>> shift & 511) * 8);
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
    return true;
  }

  private void found(long linear, long entry, int shift, int rights) {
    long offset = (1L << shift) - 1;
    long page = entry & PageEntry.ADDRESS & ~offset | linear & offset & -4096L;
    data = page | rights | ((entry & MonitorEntry.DEVICE) != 0 ? Tlb.DEVICE : 0);
    global = (entry & PageEntry.G) != 0;
    sizeShift = shift;
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
