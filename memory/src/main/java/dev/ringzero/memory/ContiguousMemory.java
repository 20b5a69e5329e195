package dev.ringzero.memory;

import java.util.List;
import java.util.function.LongConsumer;

/**
 * RAM in one piece of machine memory, whose pages the host gives at their first touch: what an
 * engine needs that hands RAM to the host's processor. There is no second-level table of ours.
 */
public final class ContiguousMemory extends GuestMemory {
  private static final long LARGE_PAGE = EptTable.SIZE_2M;

  private final FramePool pool;
  private final RamRange[] ranges;

  /** By range: machine address minus guest-physical address, a multiple of a large page. */
  private final long[] displacements;

  private final long firstMfn;
  private final long frames;
  private final Pins pins = new Pins();
  private final Revocation revocation = new Revocation(pins);
  private volatile WrittenFrames written;
  private volatile boolean closed;

  /**
   * A space with these pieces of RAM, ascending and disjoint.
   *
   * @throws OutOfFramesException if the pool has no such piece
   */
  public ContiguousMemory(FramePool pool, List<RamRange> ram) {
    super(ram);
    this.pool = pool;
    ranges = ram.toArray(RamRange[]::new);
    displacements = new long[ranges.length];
    frames = place() / FramePool.FRAME_BYTES;
    firstMfn = pool.allocateRuns(Math.toIntExact(frames / FramePool.RUN_FRAMES));
    if (firstMfn == FramePool.NONE) {
      throw new OutOfFramesException();
    }
    for (int i = 0; i < ranges.length; i++) {
      displacements[i] += firstMfn << FramePool.FRAME_SHIFT;
    }
  }

  /** A PC's space with so much RAM, from the pool of this JVM. */
  public static ContiguousMemory ofPc(long ramBytes) {
    return new ContiguousMemory(FramePool.host(), pcLayout(ramBytes));
  }

  /** Packs the ranges so that large pages stay large pages; returns the bytes they take. */
  private long place() {
    long end = 0;
    for (int i = 0; i < ranges.length; i++) {
      displacements[i] = roundUp(end - ranges[i].gpa());
      end = ranges[i].end() + displacements[i];
    }
    return roundUp(end);
  }

  private static long roundUp(long bytes) {
    return bytes + LARGE_PAGE - 1 & -LARGE_PAGE;
  }

  /** The machine address of a byte of RAM, which is followed by all others of its range. */
  public long hpa(long gpa) {
    for (int i = 0; i < ranges.length; i++) {
      if (ranges[i].contains(gpa)) {
        return gpa + displacements[i];
      }
    }
    throw new IndexOutOfBoundsException("no RAM at 0x" + Long.toHexString(gpa));
  }

  @Override
  public Outcome touch(long gpa, long access) {
    return isRam(gpa) ? Outcome.MAPPED : Outcome.NOT_RAM;
  }

  @Override
  public boolean reclaim(long gpa) {
    if (!isRam(gpa)) {
      return false;
    }
    long hpa = hpa(gpa) & -FramePool.FRAME_BYTES;
    long mfn = hpa >>> FramePool.FRAME_SHIFT;
    if (pins.heldByCaller(mfn, 1)) {
      return false;
    }
    revocation.revoke(mfn, 1, Revoker.READ | Revoker.WRITE | Revoker.EXECUTE);
    return MachineMemory.discard(hpa, FramePool.FRAME_BYTES);
  }

  @Override
  public long reclaim(long gpa, long lengthBytes) {
    long bytes = 0;
    long end = gpa + lengthBytes & -FramePool.FRAME_BYTES;
    for (long at = gpa + FramePool.FRAME_BYTES - 1 & -FramePool.FRAME_BYTES; at < end; ) {
      long next = Math.min(end, (at | LARGE_PAGE - 1) + 1);
      bytes += isRam(at, next - at) ? reclaimRun(at, next - at) : reclaimPages(at, next);
      at = next;
    }
    return bytes;
  }

  private long reclaimRun(long gpa, long lengthBytes) {
    long hpa = hpa(gpa);
    long mfn = hpa >>> FramePool.FRAME_SHIFT;
    long frames = lengthBytes >>> FramePool.FRAME_SHIFT;
    if (pins.heldByCaller(mfn, frames)) {
      return 0;
    }
    revocation.revoke(mfn, frames, Revoker.READ | Revoker.WRITE | Revoker.EXECUTE);
    return MachineMemory.discard(hpa, (int) lengthBytes) ? lengthBytes : 0;
  }

  private long reclaimPages(long gpa, long end) {
    long bytes = 0;
    for (long at = gpa; at < end; at += FramePool.FRAME_BYTES) {
      bytes += reclaim(at) ? FramePool.FRAME_BYTES : 0;
    }
    return bytes;
  }

  @Override
  public Slices slices(long gpa, long lengthBytes, boolean write) {
    if (!isRam(gpa, lengthBytes)) {
      return null;
    }
    Slices slices = new Slices(this, write);
    if (lengthBytes > 0) {
      slices.add(hpa(gpa), lengthBytes);
    }
    pins.add(slices);
    if (closed) {
      pins.remove(slices);
      throw new IllegalStateException("this memory is given back");
    }
    return slices;
  }

  @Override
  void release(Slices slices) {
    pins.remove(slices);
    if (slices.isWrite()) {
      noteWritten(slices.hpa(0), slices.lengthBytes(0));
    }
  }

  /**
   * Notes from now on, or no more, what is written by others than processors: whoever runs those
   * knows what they write.
   */
  public void logWrites(boolean on) {
    written = on ? new WrittenFrames(frames) : null;
  }

  /** Tells the pages that {@link #logWrites} noted since the last call, by address. */
  public void forEachWritten(LongConsumer pageGpa) {
    WrittenFrames log = written;
    if (log == null) {
      return;
    }
    for (int i = 0; i < ranges.length; i++) {
      long displacement = displacements[i];
      long first = hpa(ranges[i].gpa()) >>> FramePool.FRAME_SHIFT;
      long count = ranges[i].lengthBytes() >>> FramePool.FRAME_SHIFT;
      log.drain(
          first - firstMfn,
          count,
          frame -> pageGpa.accept((firstMfn + frame << FramePool.FRAME_SHIFT) - displacement));
    }
  }

  private void noteWritten(long hpa, long lengthBytes) {
    WrittenFrames log = written;
    if (log != null && lengthBytes > 0) {
      long first = hpa >>> FramePool.FRAME_SHIFT;
      long last = hpa + lengthBytes - 1 >>> FramePool.FRAME_SHIFT;
      for (long mfn = first; mfn <= last; mfn++) {
        log.add(mfn - firstMfn);
      }
    }
  }

  @Override
  long readWithinPage(long gpa, int sizeBytes) {
    return MachineMemory.read(open(gpa), sizeBytes);
  }

  @Override
  void writeWithinPage(long gpa, int sizeBytes, long value) {
    long hpa = open(gpa);
    MachineMemory.write(hpa, sizeBytes, value);
    noteWritten(hpa, sizeBytes);
  }

  private long open(long gpa) {
    if (closed) {
      throw new IllegalStateException("this memory is given back");
    }
    return hpa(gpa);
  }

  /** Frames count as given and touched where the host has given memory. */
  @Override
  public Statistics statistics() {
    long resident = closed ? 0 : residentFrames();
    return new Statistics(ramBytes(), resident, resident, 0, 0, 0, 0);
  }

  private long residentFrames() {
    long resident = 0;
    for (RamRange range : ranges) {
      resident += MachineMemory.residentFrames(hpa(range.gpa()), range.lengthBytes());
    }
    return resident;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      revocation.revoke(0, Long.MAX_VALUE, Revoker.READ | Revoker.WRITE | Revoker.EXECUTE);
      pool.free(firstMfn, frames);
    }
  }
}
