package dev.ringzero.vmm.boot;

import dev.ringzero.memory.RamRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a kernel is told of guest-physical space, in the form of the BIOS call E820.
 *
 * @param entries ascending, none over another
 * @spec ACPI, System Address Map Interfaces
 */
public record MemoryMap(List<Entry> entries) {

  /** One line of the map. */
  public record Entry(long gpa, long lengthBytes, Type type) {}

  /** What an entry may be used for. */
  public enum Type {
    USABLE(1),
    RESERVED(2);

    final int number;

    Type(int number) {
      this.number = number;
    }
  }

  /** The map of a PC with this RAM, and further places to leave alone. */
  static MemoryMap of(List<RamRange> ram, List<RamRange> reserved) {
    List<Entry> entries = new ArrayList<>();
    for (RamRange range : ram) {
      usable(entries, range.gpa(), Math.min(range.end(), BootLayout.BIOS_DATA));
      usable(entries, Math.max(range.gpa(), BootLayout.BIOS_END), range.end());
    }
    reserve(entries, BootLayout.BIOS_DATA, BootLayout.VGA);
    reserve(entries, BootLayout.BIOS, BootLayout.BIOS_END);
    for (RamRange range : reserved) {
      reserve(entries, range.gpa(), range.end());
    }
    entries.sort(Comparator.comparingLong(Entry::gpa));
    return new MemoryMap(List.copyOf(entries));
  }

  private static void usable(List<Entry> entries, long start, long end) {
    if (start < end) {
      entries.add(new Entry(start, end - start, Type.USABLE));
    }
  }

  private static void reserve(List<Entry> entries, long start, long end) {
    entries.add(new Entry(start, end - start, Type.RESERVED));
  }

  /**
   * End of the RAM above the first megabyte in which kernel and initrd are put, all below 4 GiB.
   */
  long lowRamEnd() {
    return entries.stream()
        .filter(entry -> entry.type() == Type.USABLE && entry.gpa() == BootLayout.BIOS_END)
        .mapToLong(entry -> entry.gpa() + entry.lengthBytes())
        .findFirst()
        .orElse(BootLayout.BIOS_END);
  }
}
