package dev.ringzero.vmm.memory;

import dev.ringzero.memory.EptTable;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.MonitorEntry;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;
import java.util.List;

/**
 * Makes the entries of shadow tables from those of a guest's, when they are needed and when the
 * guest's change. Guarded by the lock of {@link ShadowPaging}.
 */
final class ShadowEntries {
  private static final int PREFETCH = 8;
  private static final long LINK_RIGHTS = PageEntry.RW | PageEntry.US | PageEntry.XD;

  private final FrameMemory memory;
  private final ShadowTables tables;
  private final GuestWalk walk;
  private long ownTables;
  private long prefetched;

  /**
   * @param walk the last walk of a guest's tables is what entries are made from
   */
  ShadowEntries(FrameMemory memory, ShadowTables tables, GuestWalk walk) {
    this.memory = memory;
    this.tables = tables;
    this.walk = walk;
  }

  /** Entries made beside those that were needed. */
  long prefetched() {
    return prefetched;
  }

  /** The key of the table that a processor's walk begins with, above the guest's. */
  static ShadowTable.Key topKey(long mfn, GuestPaging paging) {
    return new ShadowTable.Key(ShadowTable.Kind.TABLE, mfn, 4, ShadowRole.ofTop(paging));
  }

  ShadowTable.Key ownKey(int level) {
    return new ShadowTable.Key(ShadowTable.Kind.OWN, ownTables++, level, 0);
  }

  /**
   * The machine frame behind a gpa, given now if it had none; NONE outside RAM or if none is left.
   */
  long frameOf(long gpa) {
    long hpa = memory.table().hpa(gpa);
    if (hpa < 0 && memory.touch(gpa, Ept.READ | Ept.WRITE) == GuestMemory.Outcome.MAPPED) {
      hpa = memory.table().hpa(gpa);
    }
    return hpa < 0 ? FramePool.NONE : hpa >>> FramePool.FRAME_SHIFT;
  }

  /**
   * Answers a page fault that the guest's tables do not mean, after the walk that showed it.
   *
   * @return false if no machine memory is left
   */
  boolean fill(ShadowTable root, GuestPaging paging, long linear, int access) {
    return root.key.kind() == ShadowTable.Kind.OWN
        ? fillOwn(root, paging, linear, access)
        : fillShadow(root, paging, linear);
  }

  /** Maps one small page, in tables that hold nothing but what this vCPU touched. */
  private boolean fillOwn(ShadowTable root, GuestPaging paging, long linear, int access) {
    ShadowTable table = root;
    for (int level = 4; level > 1; level--) {
      int index = index(linear, level);
      ShadowTable child = tables.childAt(table, index);
      if (child == null) {
        child = tables.create(ownKey(level - 1));
        if (child == null) {
          return false;
        }
        if (table.dropped) {
          return true;
        }
        tables.link(table, index, child, PageEntry.RW | PageEntry.US);
      }
      table = child;
    }
    long page = pageEntry(walk.gpa);
    if (page == 0) {
      return false;
    }
    boolean dirty = walk.isDirty();
    long rights = walk.user ? PageEntry.US : 0;
    boolean overridden =
        !walk.writable && !paging.writeProtect() && (access & PageFaultError.WR) != 0;
    if (overridden) {
      // Only the supervisor may write it, until a user's access asks for the other half again.
      rights = PageEntry.RW | (paging.smep() && walk.user ? PageEntry.XD : 0);
    } else if (walk.writable && dirty) {
      rights |= PageEntry.RW;
    }
    rights |= walk.executeDisabled ? PageEntry.XD : 0;
    rights |= walk.global ? PageEntry.G : 0;
    tables.map(table, index(linear, 1), told(both(page, rights)));
    return true;
  }

  private boolean fillShadow(ShadowTable root, GuestPaging paging, long linear) {
    ShadowTable table = belowTop(root, linear);
    int last = walk.depth - 1;
    for (int i = 0; i < last && table != null; i++) {
      table = belowEntry(table, i, ShadowRole.of(paging), linear);
    }
    if (table == null) {
      return false;
    }
    if (table.dropped) {
      return true; // to make room for the one below: the access comes again
    }
    long entry = walk.entries[last];
    if (table.key.level() > 1) {
      return fillLarge(table, table.key.level(), entry, linear);
    }
    if (!fillPage(table, index(linear, 1), entry)) {
      return false;
    }
    prefetch(table, index(linear, 1));
    return true;
  }

  /** Goes down to the shadow of the guest's top table, where that has fewer levels. */
  private ShadowTable belowTop(ShadowTable root, long linear) {
    int role = root.key.role();
    ShadowTable table = root;
    if (ShadowRole.isPae(role) || ShadowRole.is32Bit(role)) {
      table = below(table, 0, root.key.frame(), role, PageEntry.RW | PageEntry.US);
    }
    if (ShadowRole.is32Bit(role) && table != null) {
      int part = index(linear, 3);
      long rights = PageEntry.RW | PageEntry.US;
      table = below(table, part, root.key.frame(), ShadowRole.withPart(role, part), rights);
    }
    return table;
  }

  private ShadowTable belowEntry(ShadowTable table, int step, int plainRole, long linear) {
    long mfn = frameOf(walk.entries[step] & PageEntry.ADDRESS);
    if (mfn == FramePool.NONE) {
      return null;
    }
    int level = table.key.level();
    int index = index(linear, level);
    boolean noRights = ShadowRole.isPae(plainRole) && level == 3;
    long rights = noRights ? PageEntry.RW | PageEntry.US : walk.entries[step] & LINK_RIGHTS;
    int part = ShadowRole.is32Bit(plainRole) ? index & 1 : 0;
    return below(table, index, mfn, ShadowRole.withPart(plainRole, part), rights);
  }

  /**
   * The table that an entry points to from now on; null if there is no memory for it, and the table
   * above if that was dropped.
   */
  private ShadowTable below(ShadowTable table, int index, long mfn, int role, long rights) {
    if (table.dropped) {
      return table;
    }
    int level = table.key.level() - 1;
    ShadowTable child = obtain(new ShadowTable.Key(ShadowTable.Kind.TABLE, mfn, level, role));
    if (child == null || table.dropped) {
      return child == null ? null : table;
    }
    tables.link(table, index, child, rights);
    return child;
  }

  /**
   * CR3 was loaded, and with it PAE's four top entries: links to tables that they no longer name
   * go.
   */
  void topLoaded(ShadowTable root) {
    ShadowTable top = ShadowRole.isPae(root.key.role()) ? tables.childAt(root, 0) : null;
    for (int index = 0; top != null && index < 4; index++) {
      ShadowTable child = tables.childAt(top, index);
      long entry = ShadowRole.entry(top.key, index);
      boolean named =
          (entry & PageEntry.P) != 0
              && child != null
              && child.key.frame() == frameOf(entry & PageEntry.ADDRESS);
      if (!named) {
        tables.clear(top, index);
      }
    }
  }

  private ShadowTable obtain(ShadowTable.Key key) {
    ShadowTable table = tables.find(key);
    return table != null ? table : tables.create(key);
  }

  /** A guest's page of 4 KiB. */
  private boolean fillPage(ShadowTable table, int index, long entry) {
    long page = pageEntry(entry & PageEntry.ADDRESS);
    if (page == 0) {
      return false;
    }
    tables.map(table, index, told(both(page, leafRights(entry, table.key.role()))));
    return true;
  }

  /** A guest's page of 2 MiB or 1 GiB: kept if machine memory lies alike, else taken apart. */
  private boolean fillLarge(ShadowTable above, int topLevel, long entry, long linear) {
    ShadowTable table = above;
    long rights = leafRights(entry, above.key.role());
    long page = pageEntry(walk.gpa);
    if (page == 0) {
      return false;
    }
    for (int level = topLevel; level > 1; level--) {
      long size = 1L << 12 + 9 * (level - 1);
      long start = walk.gpa & -size;
      int index = index(linear, level);
      if (level == 2 && memory.table().mappedSize(start) >= EptTable.SIZE_2M) {
        long hpa = memory.table().hpa(start);
        long large = hpa | base() | PageEntry.PS | writable(start);
        tables.map(table, index, told(both(large, rights)));
        return true;
      }
      ShadowTable.Key key =
          new ShadowTable.Key(
              ShadowTable.Kind.PART,
              start >>> FramePool.FRAME_SHIFT,
              level - 1,
              ShadowRole.ofPage(table.key.role(), rights));
      ShadowTable part = obtain(key);
      if (part == null) {
        return false;
      }
      if (table.dropped) {
        return true;
      }
      tables.link(table, index, part, rights & LINK_RIGHTS);
      table = part;
      rights = PageEntry.RW | PageEntry.US | rights & PageEntry.G;
    }
    tables.map(table, index(linear, 1), told(both(page, rights)));
    return true;
  }

  /** Makes entries beside one that was needed, for pages that the guest has used already. */
  private void prefetch(ShadowTable table, int needed) {
    int first = needed & -PREFETCH;
    for (int index = first; index < first + PREFETCH; index++) {
      if (index == needed || table.entry(index) != 0) {
        continue;
      }
      long entry = ShadowRole.entry(table.key, index);
      boolean used = (entry & (PageEntry.P | PageEntry.A)) == (PageEntry.P | PageEntry.A);
      long gpa = entry & PageEntry.ADDRESS;
      if (used && ShadowRole.isPlain(table.key, entry, false) && memory.table().hpa(gpa) >= 0) {
        fillPage(table, index, entry);
        prefetched++;
      }
    }
  }

  private static long leafRights(long entry, int role) {
    long rights = entry & (PageEntry.US | PageEntry.XD);
    if (ShadowRole.hasGlobalPages(role)) {
      rights |= entry & PageEntry.G;
    }
    boolean dirty = (entry & PageEntry.D) != 0;
    return dirty ? rights | entry & PageEntry.RW : rights;
  }

  private static long base() {
    return PageEntry.P | PageEntry.A | PageEntry.D;
  }

  /**
   * Address and constant bits of an entry for a page, and the right to write it if its frame is the
   * VM's own; 0 if no machine memory is left.
   */
  private long pageEntry(long gpa) {
    long page = gpa & -FramePool.FRAME_BYTES;
    if (!memory.isRam(page)) {
      return page | base() | PageEntry.RW | MonitorEntry.DEVICE;
    }
    if (memory.touch(page, Ept.READ) != GuestMemory.Outcome.MAPPED) {
      return 0;
    }
    return memory.table().hpa(page) | base() | writable(page);
  }

  /** The right to write, if second-level paging would give it. */
  private long writable(long gpa) {
    return (memory.table().leaf(gpa) & Ept.WRITE) != 0 ? PageEntry.RW : 0;
  }

  /** A page with rights of the guest's, of which it keeps that to write only if it has it too. */
  private static long both(long page, long rights) {
    return page & ~PageEntry.RW | rights & (page | ~PageEntry.RW);
  }

  /** Takes the right to write from entries that may map a page table: the monitor is told then. */
  private long told(long value) {
    boolean page = (value & (PageEntry.RW | MonitorEntry.DEVICE)) == PageEntry.RW;
    boolean mayBeTable =
        (value & PageEntry.PS) != 0
            || page && tables.isWatched((value & PageEntry.ADDRESS) >>> FramePool.FRAME_SHIFT);
    return page && mayBeTable ? value & ~PageEntry.RW | MonitorEntry.TOLD : value;
  }

  private static int index(long linear, int level) {
    return (int) (linear >>> 12 + 9 * (level - 1)) & ShadowTable.ENTRIES - 1;
  }

  /** Makes shadows follow what was written to the tables that they shadow. */
  void carryOver(WrittenTables written) {
    written.drain(this::carryOver);
  }

  private void carryOver(long guestTableMfn, int written) {
    for (ShadowTable table : List.copyOf(tables.of(guestTableMfn))) {
      if (table.dropped || !ShadowRole.covers(table.key, written)) {
        continue;
      }
      if (!table.isUsed()) {
        tables.drop(table);
        continue;
      }
      int first = ShadowRole.firstIndex(table.key, written);
      int count = first < 0 ? 0 : ShadowRole.indexCount(table.key);
      for (int index = first; index < first + count; index++) {
        if (table.entry(index) != 0) {
          carryOver(table, index, ShadowRole.entry(table.key, index));
        }
      }
    }
  }

  /** Keeps an entry whose page or table is still there, with its new rights; empties all others. */
  private void carryOver(ShadowTable table, int index, long entry) {
    boolean used = (entry & (PageEntry.P | PageEntry.A)) == (PageEntry.P | PageEntry.A);
    if (!used || !keep(table, index, entry)) {
      tables.clear(table, index);
    }
  }

  private boolean keep(ShadowTable table, int index, long entry) {
    int role = table.key.role();
    int level = table.key.level();
    boolean large = ShadowRole.isLarge(table.key, entry);
    if (!ShadowRole.isPlain(table.key, entry, large)) {
      return false;
    }
    long now = table.entry(index);
    long gpa = ShadowRole.gpa(table.key, index, entry, large);
    long hpa = memory.isRam(gpa) ? memory.table().hpa(gpa) : -1;
    ShadowTable child = tables.childAt(table, index);
    if (child == null) {
      boolean same = (now & MonitorEntry.DEVICE) == 0 && hpa == (now & PageEntry.ADDRESS);
      boolean alike = large == (level > 1);
      if (same && alike) {
        long page = hpa | base() | writable(gpa) | now & PageEntry.PS;
        table.entry(index, told(both(page, leafRights(entry, role))));
      }
      return same && alike;
    }
    boolean part = child.key.kind() == ShadowTable.Kind.PART;
    long rights = large ? leafRights(entry, role) : entry;
    boolean same =
        part == large
            && child.key.frame() == (large ? gpa : hpa) >>> FramePool.FRAME_SHIFT
            && (!large || child.key.role() == ShadowRole.ofPage(role, rights));
    if (same) {
      tables.link(table, index, child, rights & LINK_RIGHTS);
    }
    return same;
  }
}
