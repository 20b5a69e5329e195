package dev.ringzero.devices.iommu;

import dev.ringzero.memory.GuestMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the tables of a guest for people, who ask rarely, while the machine stands still. */
final class TableInspection {
  private static final long ADDRESS = 0x000F_FFFF_FFFF_F000L;
  private static final int ENTRIES = 256;
  private static final int TABLE_ENTRIES = 512;
  private static final int MOST_TABLES = 8192; // of all domains together
  private static final int MOST_FUNCTIONS = 4096;
  private static final int LARGE = 1 << 7;
  private static final int PASS_THROUGH = 2;

  private final GuestMemory memory;
  private final long root;
  private int tables;
  private int functions;

  TableInspection(GuestMemory memory, long root) {
    this.memory = memory;
    this.root = root;
  }

  /** The domains of all functions that have an entry. */
  SortedMap<Integer, IommuView.Domain> domains() {
    SortedMap<Integer, IommuView.Domain> domains = new TreeMap<>();
    for (int bus = 0; bus < ENTRIES && memory.isRam(root + bus * 16L, 16); bus++) {
      long entry = memory.read64(root + bus * 16L);
      if ((entry & 1) != 0) {
        functions(bus, entry & ADDRESS, domains);
      }
    }
    return domains;
  }

  private void functions(int bus, long table, SortedMap<Integer, IommuView.Domain> domains) {
    for (int function = 0; function < ENTRIES; function++) {
      long at = table + function * 16L;
      boolean present = memory.isRam(at, 16) && (memory.read64(at) & 1) != 0;
      if (present && functions++ < MOST_FUNCTIONS) {
        int number = (int) (memory.read64(at + 8) >>> 8) & 0xFFFF;
        domains
            .computeIfAbsent(number, unknown -> domain(memory.read64(at), memory.read64(at + 8)))
            .functions()
            .add(bus << 8 | function);
      }
    }
  }

  private IommuView.Domain domain(long low, long high) {
    boolean passes = (low >>> 2 & 3) == PASS_THROUGH;
    int levels = ((int) high & 7) + 2;
    long pages = passes || levels > 4 ? 0 : pages(low & ADDRESS, levels);
    return new IommuView.Domain(
        passes, low & ADDRESS, levels, pages, tables < MOST_TABLES, new ArrayList<>());
  }

  private long pages(long table, int level) {
    if (tables >= MOST_TABLES || !memory.isRam(table, 4096)) {
      return 0;
    }
    tables++;
    long pages = 0;
    for (int i = 0; i < TABLE_ENTRIES; i++) {
      long entry = memory.read64(table + i * 8L);
      if ((entry & 3) != 0) {
        boolean leaf = level == 1 || (entry & LARGE) != 0;
        pages += leaf ? 1L << 9 * (level - 1) : pages(entry & ADDRESS, level - 1);
      }
    }
    return pages;
  }

  /** Translates an address as the hardware would, and keeps what it read. */
  IommuView.Walk walk(int requesterId, long address) {
    List<IommuView.Step> steps = new ArrayList<>();
    DmaTables.Result result = new DmaTables.Result();
    result.trace =
        (name, gpa, low, high) ->
            steps.add(new IommuView.Step(name, gpa, low, high, meaning(name, low, high)));
    new DmaTables(memory).walk(root, requesterId, address, result);
    if (result.fault != null) {
      return new IommuView.Walk(steps, "refused: " + result.fault.words(), false);
    }
    if (result.rights == 0) {
      return new IommuView.Walk(steps, "refused: nothing is mapped there", false);
    }
    String where = "0x%x, %s".formatted(result.gpa | address & 0xFFF, rights(result.rights));
    return new IommuView.Walk(steps, where, true);
  }

  private static String meaning(String name, long low, long high) {
    return switch (name) {
      case "root" -> (low & 1) == 0 ? "not present" : "table of functions";
      case "context" -> context(low, high);
      default -> {
        if ((low & 3) == 0) {
          yield "not present";
        }
        boolean leaf = name.equals("level 1") || (low & LARGE) != 0;
        yield rights((int) low) + (leaf ? ", page" : "");
      }
    };
  }

  private static String context(long low, long high) {
    if ((low & 1) == 0) {
      return "not present";
    }
    String tables =
        (low >>> 2 & 3) == PASS_THROUGH
            ? "addresses pass as they are"
            : ((high & 7) + 2) + " levels of tables";
    return "domain " + (high >>> 8 & 0xFFFF) + ", " + tables;
  }

  private static String rights(int bits) {
    return switch (bits & 3) {
      case DmaTables.READ -> "read";
      case DmaTables.WRITE -> "write";
      case DmaTables.READ | DmaTables.WRITE -> "read write";
      default -> "nothing";
    };
  }
}
