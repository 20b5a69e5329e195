package dev.ringzero.memory;

import dev.ringzero.x86.Ept;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * RAM that single frames of machine memory back, from their first touch on, wherever they are. The
 * only way from gpa to hpa is the second-level table. The software engine's memory.
 */
public final class FrameMemory extends GuestMemory {
  private final FramePool pool;
  private final EptTable table;
  private final FrameSupply supply;
  private final Pins pins = new Pins();
  private final Revocation revocation = new Revocation(pins);

  /** Held shared while a translation is used, alone while one is taken away. */
  private final StampedLock translations = new StampedLock();

  private final FrameCopies copies;
  private final ZeroPages zeroPages;
  private final WatchedFrames code;
  private final WatchedFrames tables;
  private volatile LongConsumer leavers = mfn -> {};

  private long piece = FramePool.NONE;

  private volatile boolean closed;

  /**
   * A space with these pieces of RAM.
   *
   * @throws OutOfFramesException if the pool has no frame for the table
   */
  public FrameMemory(FramePool pool, List<RamRange> ram) {
    super(ram);
    this.pool = pool;
    this.table = new EptTable(pool);
    this.copies = new FrameCopies(pool, table, pins, translations, this::leave);
    this.supply = new FrameSupply(pool, map(), table, copies);
    this.zeroPages = new ZeroPages(pool, table, supply, pins, translations, this::leave);
    this.code = new WatchedFrames(pool, revocation, FramePool.CODE, FramePool.CODE_SETTLED);
    this.tables = new WatchedFrames(pool, revocation, FramePool.TABLE, FramePool.TABLE_SETTLED);
  }

  /** A PC's space with so much RAM, from the pool of this JVM. */
  public static FrameMemory ofPc(long ramBytes) {
    return new FrameMemory(FramePool.host(), pcLayout(ramBytes));
  }

  /**
   * A PC's space whose RAM holds what an image says. It is not copied: the host copies the pages
   * that are written, where it can.
   *
   * @throws RamImage.DamagedException if the image cannot be read, or is of another size
   * @throws OutOfFramesException if the pool is exhausted
   */
  public static FrameMemory ofPc(long ramBytes, RamImage image) {
    FrameMemory memory = ofPc(ramBytes);
    try {
      image.load(memory.map(), memory.pool, memory.supply);
      return memory;
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  /**
   * A PC's space whose RAM lies in machine memory as in the guest's, all of it given at once and
   * for ever: a processor needs no table to find it.
   *
   * @throws OutOfFramesException if the pool has no such piece
   */
  public static FrameMemory inOnePiece(long ramBytes) {
    FrameMemory memory = ofPc(ramBytes);
    try {
      memory.supply.keepFrames();
      memory.piece = memory.supply.takeOnePiece() << FramePool.FRAME_SHIFT;
      return memory;
    } catch (OutOfFramesException e) {
      memory.close();
      throw e;
    }
  }

  /** Machine address of gpa 0 where RAM is in one piece, else negative. */
  public long piece() {
    return piece;
  }

  /** The second-level table, gpa to hpa. */
  public EptTable table() {
    return table;
  }

  public FramePool pool() {
    return pool;
  }

  /** Where users of this VM's frames meet when rights are taken away. */
  public Revocation revocation() {
    return revocation;
  }

  /** Limits the machine frames that this VM may have; by default as many as it has RAM. */
  public void quotaFrames(long frames) {
    supply.quotaFrames(frames);
  }

  /**
   * Held whenever what the second-level table maps changes. Who keeps tables of his own that lead
   * to frames of this VM guards them with it too.
   */
  public ReentrantLock mappings() {
    return supply.lock();
  }

  /** From now on a page keeps its frame: the guest knows it. Nothing is shared any more. */
  public void keepFrames() {
    supply.keepFrames();
  }

  /**
   * {@inheritDoc} Where a whole aligned 2 MiB of RAM is untouched it gets one large page. What is
   * only read gets frames of zeros that all VMs share.
   */
  @Override
  public Outcome touch(long gpa, long access) {
    return supply.touch(gpa, access);
  }

  @Override
  public boolean reclaim(long gpa) {
    long mfn = unmap(gpa);
    if (mfn == FramePool.NONE) {
      return false;
    }
    release(mfn, 1);
    return true;
  }

  @Override
  public long reclaim(long gpa, long lengthBytes) {
    long frames = 0;
    long end = gpa + lengthBytes & -FramePool.FRAME_BYTES;
    for (long at = nextPage(gpa - 1); at < end; ) {
      long next = Math.min(end, (at | EptTable.SIZE_2M - 1) + 1);
      long large = next - at == EptTable.SIZE_2M ? unmapLarge(at) : FramePool.NONE;
      if (large == FramePool.NONE) {
        frames += reclaimPages(at, next);
      } else {
        release(large, FramePool.RUN_FRAMES);
        frames += FramePool.RUN_FRAMES;
      }
      at = next;
    }
    return frames << FramePool.FRAME_SHIFT;
  }

  /** Neighbours of the guest's are neighbours here where a large page was split: one revocation. */
  private long reclaimPages(long gpa, long end) {
    long frames = 0;
    long first = FramePool.NONE;
    long count = 0;
    for (long at = gpa; at < end; at += FramePool.FRAME_BYTES) {
      long mfn = isRam(at) ? unmap(at) : FramePool.NONE;
      if (count > 0 && mfn != first + count) {
        release(first, count);
        frames += count;
        count = 0;
      }
      if (mfn != FramePool.NONE) {
        first = count == 0 ? mfn : first;
        count++;
      }
    }
    if (count > 0) {
      release(first, count);
    }
    return frames + count;
  }

  /** Gives frames back that no table leads to any more. */
  private void release(long firstMfn, long count) {
    leave(firstMfn, count);
    revocation.awaitDevices(firstMfn, count);
    pool.free(firstMfn, count);
  }

  /** Nothing but a device leads to the frames, or is made from their content, any more. */
  private void leave(long firstMfn, long count) {
    for (long mfn = firstMfn; mfn < firstMfn + count; mfn++) {
      leavers.accept(mfn);
    }
    revocation.revokeFromProcessors(
        firstMfn, count, Revoker.READ | Revoker.WRITE | Revoker.EXECUTE);
    for (long mfn = firstMfn; mfn < firstMfn + count; mfn++) {
      written(mfn, 0, FramePool.FRAME_BYTES);
    }
  }

  private long unmapLarge(long gpa) {
    return alone(() -> supply.unmapLarge(gpa, pins));
  }

  private long unmap(long gpa) {
    return alone(() -> supply.unmap(gpa, pins));
  }

  /** Changes the table while nobody uses a translation. */
  private long alone(LongSupplier change) {
    supply.lock().lock();
    long stamp = translations.writeLock();
    try {
      return change.getAsLong();
    } finally {
      translations.unlockWrite(stamp);
      supply.lock().unlock();
    }
  }

  /**
   * Sets who is told of frames that leave this VM, after the second-level table has lost them and
   * before the rights to them are revoked: who holds their addresses elsewhere takes them out
   * there.
   */
  public void onLeave(LongConsumer listener) {
    leavers = listener;
  }

  // --- frames that others have too

  /**
   * Gives another VM, whose RAM is alike and untouched, all of this VM's RAM as it is now. Frames
   * are shared until one of the two writes them. Waits for devices that write; processors may run.
   *
   * @throws OutOfFramesException if there is no room for the other's table; it must be closed
   */
  public void shareInto(FrameMemory other) {
    if (other.pool != pool
        || !other.ramRanges().equals(ramRanges())
        || other.statistics().framesGiven() + other.statistics().zeroPages() > 0) {
      throw new IllegalArgumentException("not an untouched space of the same shape");
    }
    new FrameSharing(pool, table, supply, pins, revocation, translations)
        .shareInto(other.table, other.supply, mfn -> leavers.accept(mfn));
  }

  /**
   * Looks for pages that are zero, and gives their frames back; the first write gives another.
   *
   * @return bytes that came back
   */
  public long shareZeros() {
    long frames = 0;
    for (RamRange range : ramRanges()) {
      for (long at = range.gpa() & -EptTable.SIZE_2M; at < range.end(); at += EptTable.SIZE_2M) {
        frames += zeroPages.share(at);
      }
    }
    return frames << FramePool.FRAME_SHIFT;
  }

  // --- frames whose writes are noticed

  /** Sets who is told of writes to code frames. */
  public void codeWatcher(FrameWatcher watcher) {
    code.watcher(watcher);
  }

  /**
   * Announces that code of a frame will be decoded and kept: from now on every write to it is told
   * to the {@link #codeWatcher}. May serve other revocations while it waits.
   */
  public void protectCode(long mfn) {
    code.watch(mfn);
  }

  /** Ends {@link #protectCode}: no code of the frame is kept any more. */
  public void unprotectCode(long mfn) {
    code.unwatch(mfn);
  }

  /** Sets who is told of writes to page tables. */
  public void tableWatcher(FrameWatcher watcher) {
    tables.watcher(watcher);
  }

  /** As {@link #protectCode}, for a guest's page table that the monitor keeps a shadow of. */
  public void protectTable(long mfn) {
    tables.watch(mfn);
  }

  /** Whether writes to a frame are told to the {@link #tableWatcher}. */
  public boolean isTableProtected(long mfn) {
    return tables.isWatched(mfn);
  }

  /** Whether nobody may write a frame without telling, for whatever reason. */
  public boolean isWriteNoticed(long mfn) {
    return code.isWatched(mfn) || tables.isWatched(mfn) || pool.isShared(mfn);
  }

  /** Ends {@link #protectTable}. */
  public void unprotectTable(long mfn) {
    tables.unwatch(mfn);
  }

  /** Tells the watchers, if the frame has any. Call it after the write. */
  public void written(long mfn, int offset, int lengthBytes) {
    int flags = pool.flags(mfn);
    if ((flags & FramePool.WATCHED) != 0) {
      code.written(mfn, offset, lengthBytes, flags);
      tables.written(mfn, offset, lengthBytes, flags);
    }
  }

  /**
   * Replaces 8 aligned bytes of RAM if they are as expected, in one atomic step.
   *
   * @return whether they were
   */
  public boolean compareAndSet64(long gpa, long expected, long value) {
    long hpa;
    boolean done;
    long stamp = shared(gpa, 8, true);
    try {
      hpa = table.hpa(gpa);
      done = MachineMemory.compareAndSet64(hpa, expected, value);
    } finally {
      translations.unlockRead(stamp);
    }
    if (done) {
      notifyWritten(hpa, 8);
    }
    return done;
  }

  // --- access by devices, loaders and debuggers

  @Override
  public Slices slices(long gpa, long lengthBytes, boolean write) {
    if (!isRam(gpa, lengthBytes)) {
      return null;
    }
    Slices slices = new Slices(this, write);
    long stamp = shared(gpa, lengthBytes, write);
    try {
      for (long at = gpa, end = gpa + lengthBytes; at < end; at = nextPage(at)) {
        slices.add(table.hpa(at), Math.min(nextPage(at), end) - at);
      }
      pins.add(slices);
    } finally {
      translations.unlockRead(stamp);
    }
    if (write) {
      notifyWritten(slices);
    }
    return slices;
  }

  @Override
  void release(Slices slices) {
    pins.remove(slices);
    copies.released();
    if (slices.isWrite()) {
      notifyWritten(slices);
    }
  }

  private void notifyWritten(Slices slices) {
    for (int i = 0; i < slices.count(); i++) {
      notifyWritten(slices.hpa(i), slices.lengthBytes(i));
    }
  }

  private void notifyWritten(long hpa, long lengthBytes) {
    for (long at = hpa, end = hpa + lengthBytes; at < end; at = nextPage(at)) {
      int offset = (int) (at & FramePool.FRAME_BYTES - 1);
      written(at >>> FramePool.FRAME_SHIFT, offset, (int) (Math.min(nextPage(at), end) - at));
    }
  }

  @Override
  long readWithinPage(long gpa, int sizeBytes) {
    long stamp = shared(gpa, sizeBytes, false);
    try {
      return MachineMemory.read(table.hpa(gpa), sizeBytes);
    } finally {
      translations.unlockRead(stamp);
    }
  }

  @Override
  void writeWithinPage(long gpa, int sizeBytes, long value) {
    long hpa;
    long stamp = shared(gpa, sizeBytes, true);
    try {
      hpa = table.hpa(gpa);
      MachineMemory.write(hpa, sizeBytes, value);
    } finally {
      translations.unlockRead(stamp);
    }
    notifyWritten(hpa, sizeBytes);
  }

  /** Takes the shared lock with every page of the range mapped and marked as accessed. */
  private long shared(long gpa, long lengthBytes, boolean write) {
    while (true) {
      long stamp = translations.readLock();
      if (closed) {
        translations.unlockRead(stamp);
        throw new IllegalStateException("this memory is given back");
      }
      long missing = markAccessed(gpa, lengthBytes, write);
      if (missing < 0) {
        return stamp;
      }
      translations.unlockRead(stamp);
      if (touch(missing, write ? Ept.READ | Ept.WRITE : Ept.READ) != Outcome.MAPPED) {
        throw new OutOfFramesException();
      }
    }
  }

  /** Marks pages as accessed up to the first that lacks a right; returns its gpa, or -1. */
  private long markAccessed(long gpa, long lengthBytes, boolean write) {
    for (long at = gpa, end = gpa + lengthBytes; at < end; at = nextPage(at)) {
      long leaf = table.leaf(at);
      if (leaf == 0 || write && (leaf & Ept.WRITE) == 0) {
        return at;
      }
      table.touch(at, write);
      markTouched(table.hpa(at) >>> FramePool.FRAME_SHIFT);
    }
    return -1;
  }

  /** Notes that a frame was really accessed, for {@link Statistics}. */
  public void markTouched(long mfn) {
    if ((pool.flags(mfn) & FramePool.TOUCHED) == 0) {
      pool.setFlags(mfn, FramePool.TOUCHED);
    }
  }

  /** Where all of RAM is now. */
  public FrameMap frameMap() {
    return supply.map();
  }

  @Override
  public Statistics statistics() {
    return supply.statistics();
  }

  /** Gives all frames back. vCPUs must have stopped for good; devices are waited for. */
  @Override
  public void close() {
    long stamp = translations.writeLock();
    closed = true;
    translations.unlockWrite(stamp);
    revocation.revoke(0, Long.MAX_VALUE, Revoker.READ | Revoker.WRITE | Revoker.EXECUTE);
    supply.destroy();
  }
}
