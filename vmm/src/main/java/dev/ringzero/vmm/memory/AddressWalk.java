package dev.ringzero.vmm.memory;

import dev.ringzero.memory.EptTable;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.MonitorEntry;
import dev.ringzero.x86.PageEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * How one linear address becomes a machine address now: every entry that is read on the way.
 *
 * @param tables the tables in the order in which they are walked
 * @param result where the address leads, in words
 */
public record AddressWalk(List<Table> tables, String result) {
  private static final int LEVELS = 4;
  private static final String[] NAMES = {"", "PTE", "PDE", "PDPTE", "PML4E"};

  /** One kind of tables, walked from the top. */
  public record Table(String name, List<Step> steps) {}

  /**
   * One entry.
   *
   * @param level 1 for what maps 4 KiB, up to 4
   * @param place where the entry lies, in words
   * @param entry its value
   * @param meaning its value, decoded
   */
  public record Step(int level, String place, long entry, String meaning) {
    /** The manual's name of such an entry. */
    public String name() {
      return NAMES[level];
    }
  }

  private static final Object[][] PAGE_BITS = {
    {PageEntry.P, "P"},
    {PageEntry.RW, "RW"},
    {PageEntry.US, "US"},
    {PageEntry.PWT, "PWT"},
    {PageEntry.PCD, "PCD"},
    {PageEntry.A, "A"},
    {PageEntry.D, "D"},
    {PageEntry.PS, "PS"},
    {PageEntry.G, "G"},
    {PageEntry.XD, "XD"}
  };

  private static final Object[][] EPT_BITS = {
    {Ept.READ, "R"},
    {Ept.WRITE, "W"},
    {Ept.EXECUTE, "X"},
    {Ept.LARGE, "large"},
    {Ept.ACCESSED, "A"},
    {Ept.DIRTY, "D"}
  };

  static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  /** What an entry of a guest's table says. */
  static String decoded(long entry) {
    return (entry & PageEntry.P) == 0
        ? "not present"
        : hex(entry & PageEntry.ADDRESS) + words(entry, PAGE_BITS);
  }

  /** What an entry of a monitor's table says. */
  static String decodedMonitors(long entry) {
    String told = (entry & MonitorEntry.TOLD) != 0 ? " (a write is told to the monitor)" : "";
    String device = (entry & MonitorEntry.DEVICE) != 0 ? " (a device)" : "";
    return entry == 0 ? "not filled yet" : decoded(entry) + told + device;
  }

  private static String words(long entry, Object[][] bits) {
    StringBuilder words = new StringBuilder();
    for (Object[] bit : bits) {
      if ((entry & (long) bit[0]) != 0) {
        words.append(' ').append(bit[1]);
      }
    }
    return words.toString();
  }

  /** The walk of 4-level tables at machine addresses, as far as it comes. */
  public static List<Step> machineTables(long rootHpa, long linear, boolean monitors) {
    List<Step> steps = new ArrayList<>();
    long table = rootHpa;
    for (int level = LEVELS; level > 0; level--) {
      long at = table + (linear >>> 12 + 9 * (level - 1) & 511) * 8;
      long entry = MachineMemory.read64(at);
      String meaning = monitors ? decodedMonitors(entry) : decoded(entry);
      steps.add(new Step(level, "hpa " + hex(at), entry, meaning));
      if ((entry & PageEntry.P) == 0 || level > 1 && (entry & PageEntry.PS) != 0) {
        break;
      }
      table = entry & PageEntry.ADDRESS;
    }
    return steps;
  }

  /** The walk of a second-level table. */
  static List<Step> secondLevel(EptTable ept, long gpa) {
    List<Step> steps = new ArrayList<>();
    long table = ept.root();
    for (int level = LEVELS; level > 0; level--) {
      long at = table + (gpa >>> 12 + 9 * (level - 1) & 511) * 8;
      long entry = MachineMemory.read64(at);
      boolean present = (entry & Ept.RIGHTS) != 0;
      String meaning =
          present ? hex(entry & Ept.ADDRESS) + words(entry, EPT_BITS) : "not touched yet";
      steps.add(new Step(level, "hpa " + hex(at), entry, meaning));
      if (!present || (entry & Ept.LARGE) != 0) {
        break;
      }
      table = entry & Ept.ADDRESS;
    }
    return steps;
  }

  /** The guest's own tables, as its walk has found them. */
  static Table guestTables(GuestWalk walk, EptTable ept) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < walk.depth; i++) {
      long gpa = walk.entryGpas[i];
      long hpa = ept.hpa(gpa);
      String place = "gpa " + hex(gpa) + (hpa < 0 ? "" : " = hpa " + hex(hpa));
      int level = (walk.shifts[i] - 12) / 9 + 1;
      steps.add(new Step(level, place, walk.entries[i], decoded(walk.entries[i])));
    }
    return new Table("the guest's tables, gva to gpa", steps);
  }

  /** Where a guest-physical address leads. */
  static String reached(EptTable ept, long gpa, boolean ram) {
    long hpa = ram ? ept.hpa(gpa) : -1;
    if (!ram) {
      return "gpa " + hex(gpa) + ", a device or nothing";
    }
    return "gpa " + hex(gpa) + (hpa < 0 ? ", not touched yet" : ", hpa " + hex(hpa));
  }
}
