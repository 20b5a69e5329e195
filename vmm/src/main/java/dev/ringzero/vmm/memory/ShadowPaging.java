package dev.ringzero.vmm.memory;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.VmExit;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.OutOfFramesException;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitReason;
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
 * <p>Each table of the guest has a shadow, found again when CR3 comes back to it, whatever the
 * format of the guest's tables: see {@link ShadowRole}. Writes to shadowed tables are marked as
 * they happen and carried over at the next exit that concerns memory, which comes before any
 * instruction for which the architecture promises the new translation: a shadow behind its table is
 * no more than a TLB entry that the guest has not invalidated yet. With CR0.WP clear, and without
 * paging, a vCPU has tables of its own, which go at each change of CR3.
 *
 * @spec Intel SDM Vol. 3C, "Memory Virtualization"
 */
public final class ShadowPaging implements MemoryExits {
  private static final int MANY_BURIED = 64;
  private static final int LEAST_TABLES = 512;
  private static final int RAM_FRAMES_PER_TABLE = 32;

  private final FrameMemory memory;
  private final WrittenTables written = new WrittenTables();
  private final ShadowTables tables;
  private final GuestWalk walk;
  private final ShadowEntries entries;
  private final ReentrantLock lock;
  private final Processor[] processors;

  // Statistics, guarded by the lock.
  private long fills;
  private long reflected;
  private long rootChanges;
  private long rootsFound;
  private long invalidations;

  /** What one vCPU runs on. */
  private static final class Processor {
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
    this.lock = memory.mappings();
    this.tables = new ShadowTables(memory, written, mostTables);
    this.walk = new GuestWalk(memory);
    this.entries = new ShadowEntries(memory, tables, walk);
    this.processors = new Processor[cpus];
    memory.tableWatcher(written);
    memory.onLeave(this::forget);
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
    GuestPaging paging = GuestPaging.of(cpu);
    long unwatched = FramePool.NONE;
    do {
      watch(unwatched);
      lock.lock();
      try {
        entries.carryOver(written);
        unwatched = missingWatch(paging);
        if (unwatched == FramePool.NONE && !changeRoot(cpu, processor, paging)) {
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
    return paging.mode() != GuestPaging.Mode.NONE
        && paging.writeProtect()
        && memory.isRam(paging.topTable());
  }

  private long missingWatch(GuestPaging paging) {
    if (!isShadowed(paging)) {
      return FramePool.NONE;
    }
    return unwatched(entries.frameOf(paging.topTable()));
  }

  private long unwatched(long mfn) {
    boolean watched = mfn == FramePool.NONE || memory.isTableProtected(mfn) && written.watches(mfn);
    return watched ? FramePool.NONE : mfn;
  }

  /** Makes writes to a frame noticed; without the lock, since it waits for other vCPUs. */
  private void watch(long mfn) {
    if (mfn != FramePool.NONE) {
      written.watch(mfn);
      memory.protectTable(mfn);
    }
  }

  private boolean changeRoot(VirtualCpu cpu, Processor processor, GuestPaging paging) {
    rootChanges++;
    ShadowTable.Key key = rootKey(paging);
    ShadowTable root = key == null ? null : tables.find(key);
    if (root != null) {
      rootsFound++;
      entries.topLoaded(root);
    } else {
      root = tables.create(key == null ? entries.ownKey(4) : key);
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
    long mfn = entries.frameOf(paging.topTable());
    return mfn == FramePool.NONE ? null : ShadowEntries.topKey(mfn, paging);
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
        entries.carryOver(written);
        if (!walk.walk(paging, linear, access & ~PageFaultError.P)) {
          reflected++;
          return cpu.reflectPageFault(linear, walk.errorCode) ? Outcome.DONE : Outcome.TRIPLE_FAULT;
        }
        if ((access & PageFaultError.WR) != 0 && !isReadyToWrite(walk.gpa)) {
          return Outcome.EXHAUSTED;
        }
        if (processor.root == null || processor.root.dropped) {
          cpu.tableRoot(0);
          return Outcome.DONE;
        }
        unwatched = missingWatch();
        if (unwatched == FramePool.NONE) {
          fills++;
          if (!entries.fill(processor.root, paging, linear, access)) {
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

  /** Has a frame of its own behind a gpa that will be written, unless a device is there. */
  private boolean isReadyToWrite(long gpa) {
    return memory.touch(gpa, Ept.READ | Ept.WRITE) != GuestMemory.Outcome.EXHAUSTED;
  }

  /** A table on the way of the last walk whose writes are not noticed yet. */
  private long missingWatch() {
    for (int i = 0; i < walk.depth; i++) {
      long mfn =
          memory.isRam(walk.entryGpas[i]) ? entries.frameOf(walk.entryGpas[i]) : FramePool.NONE;
      if (unwatched(mfn) != FramePool.NONE) {
        return mfn;
      }
    }
    return FramePool.NONE;
  }

  // --- keeping up with the guest's tables

  private Outcome invalidated(VirtualCpu cpu) {
    lock.lock();
    try {
      invalidations++;
      entries.carryOver(written);
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

  /** A frame leaves the VM. */
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
  public Map<String, Long> tableFrames() {
    lock.lock();
    try {
      Map<String, Long> counts = ExtendedPaging.secondLevelTables(memory);
      tables.countInto(counts);
      return counts;
    } finally {
      lock.unlock();
    }
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
          entries.prefetched(),
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
