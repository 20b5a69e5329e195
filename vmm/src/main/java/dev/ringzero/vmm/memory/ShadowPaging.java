package dev.ringzero.vmm.memory;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.VmExit;
import dev.ringzero.memory.EptTable;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.OutOfFramesException;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.MonitorEntry;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Shadow paging: the processor walks only tables that the monitor keeps, from linear to machine
 * addresses. The guest's own tables are read by the monitor, when a page fault shows that a shadow
 * lacks something; a fault that the guest's tables mean is given to the guest.
 *
 * <p>With 4-level paging each table of the guest has a shadow, found again when CR3 comes back to
 * it. Writes to shadowed tables are marked as they happen and carried over at the next exit that
 * concerns memory, which comes before any instruction for which the architecture promises the new
 * translation: a shadow behind its table is no more than a TLB entry that the guest has not
 * invalidated yet. In the other paging modes, and with CR0.WP clear, a vCPU has tables of its own,
 * which go at each change of CR3.
 *
 * @spec Intel SDM Vol. 3C, "Memory Virtualization"
 */
public final class ShadowPaging implements MemoryExits {
  private static final int MANY_BURIED = 64;
  private static final int LEAST_TABLES = 512;
  private static final int RAM_FRAMES_PER_TABLE = 32;
  private static final int PREFETCH = 8;
  private static final int NO_EXECUTE = 1; // role: entries know the bit
  private static final int GLOBAL_PAGES = 2; // role: entries may be global
  private static final int GLOBAL_PART = 4; // role: of a global large page
  private static final long PAT_LARGE = 1L << 12; // in an entry for a large page
  private static final long LINK_RIGHTS = PageEntry.RW | PageEntry.US | PageEntry.XD;

  private final FrameMemory memory;
  private final WrittenTables written = new WrittenTables();
  private final ShadowTables tables;
  private final GuestWalk walk;
  private final ReentrantLock lock = new ReentrantLock();
  private final Processor[] processors;
  private long ownTables;

  // Statistics, guarded by the lock.
  private long fills;
  private long prefetched;
  private long reflected;
  private long rootChanges;
  private long rootsFound;
  private long invalidations;

  /** What one vCPU runs on. */
  private static final class Processor {
    GuestPaging paging;
    ShadowTable root;
  }

  /**
   * What shadow paging has done so far, and what it holds.
   *
   * @param fills page faults that the shadow had to answer
   * @param prefetched entries made beside them
   * @param reflected page faults given to the guest
   * @param rootChanges times that the monitor chose a top table
   * @param rootsFound of these, those for which it had one already
   * @param tableWrites noticed writes to the guest's tables
   * @param invalidations of single pages or address spaces, by the guest
   * @param tables shadow tables now, a frame each
   * @param pages entries for pages now
   * @param recycled tables dropped to make room
   */
  record Statistics(
      long fills,
      long prefetched,
      long reflected,
      long rootChanges,
      long rootsFound,
      long tableWrites,
      long invalidations,
      long tables,
      long pages,
      long recycled) {}

  public ShadowPaging(FrameMemory memory, int cpus) {
    this(memory, cpus, tablesFor(memory.ramBytes()));
  }

  ShadowPaging(FrameMemory memory, int cpus, int mostTables) {
    this.memory = memory;
    this.tables = new ShadowTables(memory, written, mostTables);
    this.walk = new GuestWalk(memory);
    this.processors = new Processor[cpus];
    memory.tableWatcher(written);
    memory.onReclaim(this::forget);
  }

  private static int tablesFor(long ramBytes) {
    long frames = ramBytes >>> FramePool.FRAME_SHIFT;
    return (int) Math.max(LEAST_TABLES, frames / RAM_FRAMES_PER_TABLE);
  }

  @Override
  public String word() {
    return MemoryTechnique.SHADOW.word();
  }

  @Override
  public void attach(VirtualCpu cpu) {
    processors[cpu.id()] = new Processor();
    cpu.tableRoot(0);
  }

  @Override
  public Outcome handle(VirtualCpu cpu, ExitReason reason) {
    try {
      return answer(cpu, reason);
    } catch (OutOfFramesException e) {
      return Outcome.EXHAUSTED;
    }
  }

  private Outcome answer(VirtualCpu cpu, ExitReason reason) {
    return switch (reason) {
      case CR_ACCESS -> chooseRoot(cpu);
      case EXCEPTION_OR_NMI -> pageFault(cpu);
      case INVLPG, INVPCID -> invalidated(cpu);
      case EPT_VIOLATION -> ExtendedPaging.touch(cpu.exit(), memory);
      default -> Outcome.NOT_MINE;
    };
  }

  // --- which tables

  private Outcome chooseRoot(VirtualCpu cpu) {
    Processor processor = processors[cpu.id()];
    processor.paging = GuestPaging.of(cpu);
    long unwatched = FramePool.NONE;
    do {
      watch(unwatched);
      lock.lock();
      try {
        carryOver();
        unwatched = missingWatch(processor.paging);
        if (unwatched == FramePool.NONE && !changeRoot(cpu, processor)) {
          return Outcome.EXHAUSTED;
        }
      } finally {
        lock.unlock();
      }
    } while (unwatched != FramePool.NONE);
    freeBuried();
    return Outcome.DONE;
  }

  private boolean isShadowed(GuestPaging paging) {
    return paging.mode() == GuestPaging.Mode.FOUR_LEVEL
        && paging.writeProtect()
        && memory.isRam(paging.cr3() & PageEntry.ADDRESS);
  }

  private long missingWatch(GuestPaging paging) {
    if (!isShadowed(paging)) {
      return FramePool.NONE;
    }
    return unwatched(frameOf(paging.cr3() & PageEntry.ADDRESS));
  }

  private long unwatched(long mfn) {
    boolean watched =
        mfn == FramePool.NONE || memory.isTableProtected(mfn) && written.watches(mfn);
    return watched ? FramePool.NONE : mfn;
  }

  /** Makes writes to a frame noticed; without the lock, since it waits for other vCPUs. */
  private void watch(long mfn) {
    if (mfn != FramePool.NONE) {
      written.watch(mfn);
      memory.protectTable(mfn);
    }
  }

  private boolean changeRoot(VirtualCpu cpu, Processor processor) {
    rootChanges++;
    ShadowTable.Key key = rootKey(processor.paging);
    ShadowTable root = key == null ? null : tables.find(key);
    if (root != null) {
      rootsFound++;
    } else {
      root = tables.create(key == null ? ownKey(4) : key);
      if (root == null) {
        return false;
      }
    }
    ShadowTable before = processor.root;
    if (root != before) {
      tables.use(root);
      processor.root = root;
      if (before != null) {
        tables.release(before);
      }
    }
    cpu.tableRoot(root.mfn << FramePool.FRAME_SHIFT);
    return true;
  }

  private ShadowTable.Key rootKey(GuestPaging paging) {
    if (!isShadowed(paging)) {
      return null;
    }
    long mfn = frameOf(paging.cr3() & PageEntry.ADDRESS);
    return mfn == FramePool.NONE ? null : tableKey(mfn, 4, paging);
  }

  private static ShadowTable.Key tableKey(long mfn, int level, GuestPaging paging) {
    int role = (paging.noExecute() ? NO_EXECUTE : 0) | (paging.globalPages() ? GLOBAL_PAGES : 0);
    return new ShadowTable.Key(ShadowTable.Kind.TABLE, mfn, level, role);
  }

  private ShadowTable.Key ownKey(int level) {
    return new ShadowTable.Key(ShadowTable.Kind.OWN, ownTables++, level, 0);
  }

  /** The machine frame behind a gpa, given now if it had none; NONE outside RAM or if none is left. */
  private long frameOf(long gpa) {
    long hpa = memory.table().hpa(gpa);
    if (hpa < 0 && memory.touch(gpa, Ept.READ | Ept.WRITE) == GuestMemory.Outcome.MAPPED) {
      hpa = memory.table().hpa(gpa);
    }
    return hpa < 0 ? FramePool.NONE : hpa >>> FramePool.FRAME_SHIFT;
  }

  // --- page faults

  private Outcome pageFault(VirtualCpu cpu) {
    VmExit exit = cpu.exit();
    long linear = exit.gva;
    int access = exit.interruptionErrorCode;
    Processor processor = processors[cpu.id()];
    GuestPaging paging = GuestPaging.of(cpu);
    long unwatched = FramePool.NONE;
    do {
      watch(unwatched);
      lock.lock();
      try {
        carryOver();
        if (processor.root == null || processor.root.dropped) {
          cpu.tableRoot(0);
          return Outcome.DONE;
        }
        if (!walk.walk(paging, linear, access & ~PageFaultError.P)) {
          reflected++;
          return cpu.reflectPageFault(linear, walk.errorCode)
              ? Outcome.DONE
              : Outcome.TRIPLE_FAULT;
        }
        unwatched = missingWatch();
        if (unwatched == FramePool.NONE) {
          fills++;
          if (!fill(processor, paging, linear, access)) {
            return Outcome.EXHAUSTED;
          }
        }
      } finally {
        lock.unlock();
      }
    } while (unwatched != FramePool.NONE);
    freeBuried();
    return Outcome.DONE;
  }

  /** A table on the way of the last walk whose writes are not noticed yet. */
  private long missingWatch() {
    for (int i = 0; i < walk.depth; i++) {
      long mfn = memory.isRam(walk.entryGpas[i]) ? frameOf(walk.entryGpas[i]) : FramePool.NONE;
      if (unwatched(mfn) != FramePool.NONE) {
        return mfn;
      }
    }
    return FramePool.NONE;
  }

  private boolean fill(Processor processor, GuestPaging paging, long linear, int access) {
    return processor.root.key.kind() == ShadowTable.Kind.OWN
        ? fillOwn(processor.root, paging, linear, access)
        : fillShadow(processor.root, paging, linear);
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
    tables.map(table, index(linear, 1), told(page | rights));
    return true;
  }

  private boolean fillShadow(ShadowTable root, GuestPaging paging, long linear) {
    ShadowTable table = root;
    int last = walk.depth - 1;
    for (int i = 0; i < last; i++) {
      long mfn = frameOf(walk.entries[i] & PageEntry.ADDRESS);
      int level = 4 - i;
      ShadowTable child =
          mfn == FramePool.NONE ? null : obtain(tableKey(mfn, level - 1, paging));
      if (child == null) {
        return false;
      }
      if (table.dropped) {
        return true; // to make room for the one below: the access comes again
      }
      tables.link(table, index(linear, level), child, walk.entries[i] & LINK_RIGHTS);
      table = child;
    }
    long entry = walk.entries[last];
    int level = 4 - last;
    if (level > 1) {
      return fillLarge(table, level, entry, linear);
    }
    if (!fillPage(table, index(linear, 1), entry)) {
      return false;
    }
    prefetch(table, walk.entryGpas[last] & -FramePool.FRAME_BYTES, index(linear, 1));
    return true;
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
    tables.map(table, index, told(page | leafRights(entry, table.key.role())));
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
        tables.map(table, index, told(hpa | rights | base() | PageEntry.PS));
        return true;
      }
      ShadowTable.Key key =
          new ShadowTable.Key(
              ShadowTable.Kind.PART,
              start >>> FramePool.FRAME_SHIFT,
              level - 1,
              partRole(table.key.role(), rights));
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
    tables.map(table, index(linear, 1), told(page | rights));
    return true;
  }

  /** Makes entries beside one that was needed, for pages that the guest has used already. */
  private void prefetch(ShadowTable table, long guestTableGpa, int needed) {
    int first = needed & -PREFETCH;
    for (int index = first; index < first + PREFETCH; index++) {
      if (index == needed || table.entry(index) != 0) {
        continue;
      }
      long entry = memory.read64(guestTableGpa + index * 8L);
      boolean used = (entry & (PageEntry.P | PageEntry.A)) == (PageEntry.P | PageEntry.A);
      long gpa = entry & PageEntry.ADDRESS;
      if (used && isPlain(entry, table.key.role()) && memory.table().hpa(gpa) >= 0) {
        fillPage(table, index, entry);
        prefetched++;
      }
    }
  }

  /** Whether a guest's entry has no reserved bit set. */
  private static boolean isPlain(long entry, int role) {
    return (entry & GuestWalk.reservedOfPage((role & NO_EXECUTE) != 0)) == 0;
  }

  private static long leafRights(long entry, int role) {
    long rights = entry & (PageEntry.US | PageEntry.XD);
    if ((role & GLOBAL_PAGES) != 0) {
      rights |= entry & PageEntry.G;
    }
    boolean dirty = (entry & PageEntry.D) != 0;
    return dirty ? rights | entry & PageEntry.RW : rights;
  }

  private static long base() {
    return PageEntry.P | PageEntry.A | PageEntry.D;
  }

  /** Address and constant bits of an entry for a page; 0 if no machine memory is left. */
  private long pageEntry(long gpa) {
    long page = gpa & -FramePool.FRAME_BYTES;
    if (!memory.isRam(page)) {
      return page | base() | MonitorEntry.DEVICE;
    }
    long mfn = frameOf(page);
    return mfn == FramePool.NONE ? 0 : mfn << FramePool.FRAME_SHIFT | base();
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

  // --- keeping up with the guest's tables

  private Outcome invalidated(VirtualCpu cpu) {
    lock.lock();
    try {
      invalidations++;
      carryOver();
      Processor processor = processors[cpu.id()];
      if (processor.root != null && processor.root.key.kind() == ShadowTable.Kind.OWN) {
        cpu.tableRoot(0);
      }
    } finally {
      lock.unlock();
    }
    freeBuried();
    return Outcome.DONE;
  }

  private void carryOver() {
    written.drain(this::carryOver);
  }

  private void carryOver(long guestTableMfn, int index) {
    long entry = MachineMemory.read64((guestTableMfn << FramePool.FRAME_SHIFT) + index * 8L);
    for (ShadowTable table : List.copyOf(tables.of(guestTableMfn))) {
      if (table.dropped) {
        continue;
      }
      if (!table.isUsed()) {
        tables.drop(table);
      } else if (table.entry(index) != 0) {
        carryOver(table, index, entry);
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
    boolean large = level > 1 && (entry & PageEntry.PS) != 0;
    if (!isPlain(entry & ~(large ? PAT_LARGE : 0), role) || large && level == 4) {
      return false;
    }
    long now = table.entry(index);
    long gpa = entry & PageEntry.ADDRESS & -(large ? 1L << 12 + 9 * (level - 1) : 4096L);
    long hpa = memory.isRam(gpa) ? memory.table().hpa(gpa) : -1;
    ShadowTable child = tables.childAt(table, index);
    if (child == null) {
      boolean same = (now & MonitorEntry.DEVICE) == 0 && hpa == (now & PageEntry.ADDRESS);
      boolean alike = large == (level > 1);
      if (same && alike) {
        table.entry(index, told(hpa | base() | leafRights(entry, role) | now & PageEntry.PS));
      }
      return same && alike;
    }
    boolean part = child.key.kind() == ShadowTable.Kind.PART;
    long rights = large ? leafRights(entry, role) : entry;
    boolean same =
        part == large
            && child.key.frame() == (large ? gpa : hpa) >>> FramePool.FRAME_SHIFT
            && (!large || child.key.role() == partRole(role, rights));
    if (same) {
      tables.link(table, index, child, rights & LINK_RIGHTS);
    }
    return same;
  }

  private static int partRole(int role, long rights) {
    return role & ~GLOBAL_PART | ((rights & PageEntry.G) != 0 ? GLOBAL_PART : 0);
  }

  /** A frame was taken from the VM. */
  private void forget(long mfn) {
    lock.lock();
    try {
      tables.forget(mfn);
    } finally {
      lock.unlock();
    }
    freeBuried();
  }

  /** Gives frames of dropped tables back, when there are enough to make the wait worth it. */
  private void freeBuried() {
    List<Long> frames;
    lock.lock();
    try {
      if (tables.buriedCount() < MANY_BURIED) {
        return;
      }
      frames = tables.takeBuried();
    } finally {
      lock.unlock();
    }
    memory.revocation().revoke(0, 0, 0);
    for (long mfn : frames) {
      memory.pool().free(mfn);
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      for (Processor processor : processors) {
        if (processor != null && processor.root != null) {
          ShadowTable root = processor.root;
          processor.root = null;
          tables.release(root);
        }
      }
      tables.dropAll();
      for (long mfn : tables.takeBuried()) {
        memory.pool().free(mfn);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<AddressWalk> walk(VirtualCpu cpu, long linear) {
    GuestWalk guests = new GuestWalk(memory);
    boolean mapped = guests.find(GuestPaging.of(cpu), linear);
    List<AddressWalk.Table> steps = new ArrayList<>();
    steps.add(AddressWalk.guestTables(guests, memory.table()));
    lock.lock();
    try {
      ShadowTable root = processors[cpu.id()].root;
      if (root != null && !root.dropped) {
        steps.add(
            new AddressWalk.Table(
                "the shadow tables, gva to hpa",
                AddressWalk.machineTables(root.mfn << FramePool.FRAME_SHIFT, linear, true)));
      }
    } finally {
      lock.unlock();
    }
    String result =
        mapped
            ? AddressWalk.reached(memory.table(), guests.gpa, memory.isRam(guests.gpa))
            : "the guest maps nothing there";
    return Optional.of(new AddressWalk(steps, result));
  }

  @Override
  public Map<String, Long> figures() {
    Statistics now = statistics();
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put("shadow fills", now.fills());
    figures.put("prefetched entries", now.prefetched());
    figures.put("faults given to the guest", now.reflected());
    figures.put("top tables chosen", now.rootChanges());
    figures.put("top tables found again", now.rootsFound());
    figures.put("writes to guest tables", now.tableWrites());
    figures.put("invalidations", now.invalidations());
    figures.put("shadow table frames", now.tables());
    figures.put("shadowed pages", now.pages());
    figures.put("shadow tables recycled", now.recycled());
    return figures;
  }

  Statistics statistics() {
    lock.lock();
    try {
      return new Statistics(
          fills,
          prefetched,
          reflected,
          rootChanges,
          rootsFound,
          written.writes(),
          invalidations,
          tables.count(),
          tables.mappedPages(),
          tables.recycled());
    } finally {
      lock.unlock();
    }
  }
}
