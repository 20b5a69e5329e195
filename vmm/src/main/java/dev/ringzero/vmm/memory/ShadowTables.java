package dev.ringzero.vmm.memory;

import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.MonitorEntry;
import dev.ringzero.x86.PageEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All shadow tables of a VM: found by what they shadow, linked from the top down, bounded in
 * number, and dropped when nothing links to them any more. Guarded by the lock of {@link
 * ShadowPaging}.
 *
 * <p>A frame of a dropped table may still be under a processor's walk: it is buried first, and
 * returns to the pool after {@link #takeBuried} and a revocation.
 */
final class ShadowTables {
  private static final int ENTRY_BYTES = 8;

  private final FrameMemory memory;
  private final WrittenTables written;
  private final int limit;
  private final Map<ShadowTable.Key, ShadowTable> tables = new LinkedHashMap<>(256, 0.75f, true);
  private final Map<Long, ShadowTable> byFrame = new HashMap<>();
  private final Map<Long, List<ShadowTable>> shadows = new HashMap<>();
  private final ReverseMap reverse = new ReverseMap();
  private List<Long> buried = new ArrayList<>();
  private long recycled;

  /**
   * @param limit tables that may exist at once
   */
  ShadowTables(FrameMemory memory, WrittenTables written, int limit) {
    this.memory = memory;
    this.written = written;
    this.limit = limit;
  }

  int count() {
    return tables.size();
  }

  /** Counts tables by kind and level. */
  void countInto(Map<String, Long> counts) {
    for (ShadowTable table : tables.values()) {
      String what =
          switch (table.key.kind()) {
            case TABLE -> "shadow of a guest's table";
            case PART -> "shadow of a large page";
            case OWN -> "shadow of one processor";
          };
      counts.merge(what + ", level " + table.key.level(), 1L, Long::sum);
    }
    counts.merge("shadow, to be freed", (long) buried.size(), Long::sum);
  }

  int mappedPages() {
    return reverse.size();
  }

  /** Tables dropped so that others could be made. */
  long recycled() {
    return recycled;
  }

  /** The table for a key, or null. */
  ShadowTable find(ShadowTable.Key key) {
    return tables.get(key);
  }

  /** Tables that shadow a guest's table. */
  List<ShadowTable> of(long guestTableMfn) {
    return shadows.getOrDefault(guestTableMfn, List.of());
  }

  /** Whether writes to a guest's table are noticed already. */
  boolean isWatched(long guestTableMfn) {
    return shadows.containsKey(guestTableMfn);
  }

  /** Makes an empty table, or returns null if the pool has no frame. */
  ShadowTable create(ShadowTable.Key key) {
    makeRoom();
    long mfn = memory.pool().allocate();
    if (mfn == FramePool.NONE) {
      return null;
    }
    ShadowTable table = new ShadowTable(key, mfn);
    tables.put(key, table);
    byFrame.put(mfn, table);
    if (key.kind() == ShadowTable.Kind.TABLE) {
      shadows.computeIfAbsent(key.frame(), frame -> new ArrayList<>()).add(table);
      written.watch(key.frame());
      tellWrites(key.frame());
    }
    return table;
  }

  /** Drops a quarter of the tables, those unused for longest, if there are too many. */
  private void makeRoom() {
    if (tables.size() < limit) {
      return;
    }
    List<ShadowTable> oldest = new ArrayList<>();
    for (ShadowTable table : tables.values()) {
      if (oldest.size() == limit / 4) {
        break;
      }
      oldest.add(table);
    }
    for (ShadowTable table : oldest) {
      if (table.users == 0 && !table.dropped) {
        drop(table);
        recycled++;
      }
    }
  }

  // --- entries

  /** Points an entry to a table. */
  void link(ShadowTable parent, int index, ShadowTable child, long rights) {
    long value = child.mfn << FramePool.FRAME_SHIFT | rights | PageEntry.P | PageEntry.A;
    long before = parent.entry(index);
    if (isLink(parent, before) && childOf(before) == child) {
      parent.entry(index, value);
      return;
    }
    clear(parent, index);
    child.addParent(parent.entryHpa(index));
    parent.entry(index, value);
  }

  /** Maps a page of machine memory, or a device's. */
  void map(ShadowTable table, int index, long value) {
    clear(table, index);
    if ((value & MonitorEntry.DEVICE) == 0) {
      reverse.add(mfn(value), table.entryHpa(index));
    }
    table.entry(index, value);
  }

  /** Empties an entry, and drops the table that it alone pointed to. */
  void clear(ShadowTable table, int index) {
    long value = table.entry(index);
    if (value == 0) {
      return;
    }
    table.entry(index, 0);
    if (isLink(table, value)) {
      ShadowTable child = childOf(value);
      child.removeParent(table.entryHpa(index));
      if (!child.isUsed()) {
        drop(child);
      }
    } else if ((value & MonitorEntry.DEVICE) == 0) {
      reverse.remove(mfn(value), table.entryHpa(index));
    }
  }

  /** The table that an entry points to, or null. */
  ShadowTable childAt(ShadowTable table, int index) {
    long value = table.entry(index);
    return isLink(table, value) ? childOf(value) : null;
  }

  private static boolean isLink(ShadowTable table, long value) {
    return value != 0 && table.key.level() > 1 && (value & PageEntry.PS) == 0;
  }

  private ShadowTable childOf(long value) {
    return byFrame.get(mfn(value));
  }

  private static long mfn(long value) {
    return (value & PageEntry.ADDRESS) >>> FramePool.FRAME_SHIFT;
  }

  // --- frames

  /** A frame became a page table: who maps it as a page may write only with the monitor told. */
  private void tellWrites(long mfn) {
    reverse.forEach(
        mfn,
        entryHpa -> {
          long value = MachineMemory.read64(entryHpa);
          if ((value & PageEntry.RW) != 0) {
            MachineMemory.write64(entryHpa, value & ~PageEntry.RW | MonitorEntry.TOLD);
          }
        });
  }

  /** A frame leaves the VM: nothing maps or shadows it any more. */
  void forget(long mfn) {
    for (ShadowTable table : List.copyOf(of(mfn))) {
      drop(table);
    }
    clearAll(mfn, false);
    clearAll(mfn & -FramePool.RUN_FRAMES, true);
  }

  private void clearAll(long mfn, boolean onlyLarge) {
    List<Long> entries = new ArrayList<>();
    reverse.forEach(mfn, entries::add);
    for (long entryHpa : entries) {
      if (!onlyLarge || (MachineMemory.read64(entryHpa) & PageEntry.PS) != 0) {
        clearAt(entryHpa);
      }
    }
  }

  private void clearAt(long entryHpa) {
    ShadowTable table = byFrame.get(entryHpa >>> FramePool.FRAME_SHIFT);
    clear(table, (int) (entryHpa & FramePool.FRAME_BYTES - 1) / ENTRY_BYTES);
  }

  /** Takes a table out of use; its frame is buried, at once or when its last user goes. */
  void drop(ShadowTable table) {
    if (table.dropped) {
      return;
    }
    table.dropped = true;
    tables.remove(table.key);
    for (long parent = table.anyParent(); parent >= 0; parent = table.anyParent()) {
      table.removeParent(parent);
      MachineMemory.write64(parent, 0);
    }
    for (int index = 0; index < ShadowTable.ENTRIES; index++) {
      clear(table, index);
    }
    byFrame.remove(table.mfn);
    if (table.key.kind() == ShadowTable.Kind.TABLE) {
      endShadow(table);
    }
    if (table.users == 0) {
      buried.add(table.mfn);
    }
  }

  private void endShadow(ShadowTable table) {
    long frame = table.key.frame();
    List<ShadowTable> others = shadows.get(frame);
    others.remove(table);
    if (others.isEmpty()) {
      shadows.remove(frame);
      written.unwatch(frame);
      memory.unprotectTable(frame);
    }
  }

  /** A vCPU has it as its top table from now on. */
  void use(ShadowTable table) {
    table.users++;
  }

  /** A vCPU has another top table now. */
  void release(ShadowTable table) {
    table.users--;
    if (table.users == 0) {
      if (table.dropped) {
        buried.add(table.mfn);
      } else if (table.key.kind() == ShadowTable.Kind.OWN) {
        drop(table);
      }
    }
  }

  void dropAll() {
    for (ShadowTable table : List.copyOf(tables.values())) {
      drop(table);
    }
  }

  int buriedCount() {
    return buried.size();
  }

  /**
   * Frames of dropped tables, which no entry points to; the caller frees them after a revocation.
   */
  List<Long> takeBuried() {
    List<Long> taken = buried;
    buried = new ArrayList<>();
    return taken;
  }
}
