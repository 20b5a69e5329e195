package dev.ringzero.memory;

import dev.ringzero.x86.Ept;
import java.util.List;
import java.util.concurrent.locks.StampedLock;

/**
 * One VM's guest-physical space: RAM, which frames of machine memory back from its first touch on,
 * and holes, where devices are. The only way from gpa to hpa is the second-level table.
 * Thread-safe.
 *
 * <p>Devices and loaders use the read and write methods, or {@link #slices}. Outside RAM reads give
 * all ones and writes are dropped, as on a bus where nobody answers.
 */
public final class GuestMemory implements AutoCloseable {
  /** Low RAM ends here at the latest; up to 4 GiB follows the hole of PCI and the platform. */
  public static final long LOW_RAM_LIMIT = 0xC000_0000L;

  private final FramePool pool;
  private final RamMap ram;
  private final EptTable table;
  private final FrameSupply supply;
  private final Pins pins = new Pins();
  private final Revocation revocation = new Revocation(pins);
  private final CodeFrames code;

  /** Held shared while a translation is used, alone while one is taken away. */
  private final StampedLock translations = new StampedLock();

  private volatile boolean closed;

  /** What became of a {@link #touch}. */
  public enum Outcome {
    /** The page is there: the access can be repeated. */
    MAPPED,
    /** The address is not RAM. */
    NOT_RAM,
    /** Machine memory or the VM's quota is used up: the VM must stop. */
    EXHAUSTED
  }

  /**
   * What a VM's memory costs.
   *
   * @param ramBytes size of RAM as the guest sees it
   * @param framesGiven machine frames that back it
   * @param framesTouched of these, frames that were really accessed
   * @param tableFrames frames of the second-level table
   */
  public record Statistics(long ramBytes, long framesGiven, long framesTouched, long tableFrames) {}

  /**
   * A space with these pieces of RAM.
   *
   * @throws OutOfFramesException if the pool has no frame for the table
   */
  public GuestMemory(FramePool pool, List<RamRange> ram) {
    this.pool = pool;
    this.ram = new RamMap(ram);
    this.table = new EptTable(pool);
    this.supply = new FrameSupply(pool, this.ram, table);
    this.code = new CodeFrames(pool, revocation);
  }

  /** A PC's space with so much RAM, from the pool of this JVM. */
  public static GuestMemory ofPc(long ramBytes) {
    return new GuestMemory(FramePool.host(), pcLayout(ramBytes));
  }

  /** RAM of a PC: around the VGA window, up to 3 GiB, and the rest above 4 GiB. */
  public static List<RamRange> pcLayout(long ramBytes) {
    return RamMap.pcLayout(ramBytes);
  }

  public List<RamRange> ramRanges() {
    return ram.ranges();
  }

  public long ramBytes() {
    return ram.bytes();
  }

  public boolean isRam(long gpa) {
    return ram.contains(gpa);
  }

  /** Whether all of a range is RAM; false for a negative or wrapping one. */
  public boolean isRam(long gpa, long lengthBytes) {
    return ram.contains(gpa, lengthBytes);
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
   * Gives frames to the page around {@code gpa} if it has none: what the monitor does on an EPT
   * violation. Where a whole aligned 2 MiB of RAM is untouched it gets one large page.
   *
   * @param access of {@link Ept#RIGHTS}; rights that a mapped page lacks are given
   */
  public Outcome touch(long gpa, long access) {
    return supply.touch(gpa, access);
  }

  /**
   * Takes the frame of a 4 KiB page back (ballooning, free-page reporting). Its content is lost;
   * the next touch gives a frame of zeros. May wait for other users of the frame.
   *
   * @return false, with nothing changed, if the page has no frame, the caller itself has pinned it,
   *     or its large page cannot be split
   */
  public boolean reclaim(long gpa) {
    long mfn = unmap(gpa);
    if (mfn == FramePool.NONE) {
      return false;
    }
    revocation.revoke(mfn, 1, Revoker.READ | Revoker.WRITE | Revoker.EXECUTE);
    codeWritten(mfn, 0, FramePool.FRAME_BYTES);
    pool.free(mfn);
    return true;
  }

  private long unmap(long gpa) {
    long stamp = translations.writeLock();
    try {
      return supply.unmap(gpa, pins);
    } finally {
      translations.unlockWrite(stamp);
    }
  }

  // --- code

  /** Sets who is told of writes to code pages. */
  public void codeInvalidation(CodeInvalidation listener) {
    code.listener(listener);
  }

  /**
   * Announces that code of a frame will be decoded and kept: from now on every write to it is told
   * to the {@link CodeInvalidation}. May serve other revocations while it waits.
   */
  public void protectCode(long mfn) {
    code.protect(mfn);
  }

  /** Ends {@link #protectCode}: no code of the frame is kept any more. */
  public void unprotectCode(long mfn) {
    code.unprotect(mfn);
  }

  /** Tells the {@link CodeInvalidation}, if the frame holds code. Call it after the write. */
  public void codeWritten(long mfn, int offset, int lengthBytes) {
    code.written(mfn, offset, lengthBytes);
  }

  // --- access by devices, loaders and debuggers

  /**
   * Pins a range and shows it as runs of machine memory.
   *
   * @return the runs, or null unless all of the range is RAM
   * @throws OutOfFramesException if no frame is left for a part of it
   */
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

  void release(Slices slices) {
    pins.remove(slices);
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
      codeWritten(at >>> FramePool.FRAME_SHIFT, offset, (int) (Math.min(nextPage(at), end) - at));
    }
  }

  public long read8(long gpa) {
    return readValue(gpa, 1);
  }

  public long read16(long gpa) {
    return readValue(gpa, 2);
  }

  public long read32(long gpa) {
    return readValue(gpa, 4);
  }

  public long read64(long gpa) {
    return readValue(gpa, 8);
  }

  public void write8(long gpa, long value) {
    writeValue(gpa, 1, value);
  }

  public void write16(long gpa, long value) {
    writeValue(gpa, 2, value);
  }

  public void write32(long gpa, long value) {
    writeValue(gpa, 4, value);
  }

  public void write64(long gpa, long value) {
    writeValue(gpa, 8, value);
  }

  private long readValue(long gpa, int sizeBytes) {
    if (!isRam(gpa, sizeBytes)) {
      return -1L >>> 64 - 8 * sizeBytes;
    }
    if (crosses(gpa, sizeBytes)) {
      long value = 0;
      for (int i = 0; i < sizeBytes; i++) {
        value |= readValue(gpa + i, 1) << 8 * i;
      }
      return value;
    }
    long stamp = shared(gpa, sizeBytes, false);
    try {
      return MachineMemory.read(table.hpa(gpa), sizeBytes);
    } finally {
      translations.unlockRead(stamp);
    }
  }

  private void writeValue(long gpa, int sizeBytes, long value) {
    if (!isRam(gpa, sizeBytes)) {
      return;
    }
    if (crosses(gpa, sizeBytes)) {
      for (int i = 0; i < sizeBytes; i++) {
        writeValue(gpa + i, 1, value >>> 8 * i);
      }
      return;
    }
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

  private static boolean crosses(long gpa, int sizeBytes) {
    return (gpa & FramePool.FRAME_BYTES - 1) > FramePool.FRAME_BYTES - sizeBytes;
  }

  /**
   * Copies out of guest memory.
   *
   * @return false, with nothing copied, unless all of the range is RAM
   */
  public boolean read(long gpa, byte[] destination, int offset, int lengthBytes) {
    try (Slices slices = slices(gpa, lengthBytes, false)) {
      if (slices == null) {
        return false;
      }
      int at = offset;
      for (int i = 0; i < slices.count(); i++) {
        MachineMemory.read(slices.hpa(i), destination, at, (int) slices.lengthBytes(i));
        at += (int) slices.lengthBytes(i);
      }
      return true;
    }
  }

  /**
   * Copies into guest memory.
   *
   * @return false, with nothing copied, unless all of the range is RAM
   */
  public boolean write(long gpa, byte[] source, int offset, int lengthBytes) {
    try (Slices slices = slices(gpa, lengthBytes, true)) {
      if (slices == null) {
        return false;
      }
      int at = offset;
      for (int i = 0; i < slices.count(); i++) {
        MachineMemory.write(slices.hpa(i), source, at, (int) slices.lengthBytes(i));
        at += (int) slices.lengthBytes(i);
      }
      return true;
    }
  }

  /** Copies a whole array into guest memory; see {@link #write(long, byte[], int, int)}. */
  public boolean write(long gpa, byte[] source) {
    return write(gpa, source, 0, source.length);
  }

  /**
   * Fills a range with one byte.
   *
   * @return false, with nothing written, unless all of the range is RAM
   */
  public boolean fill(long gpa, long lengthBytes, int value) {
    try (Slices slices = slices(gpa, lengthBytes, true)) {
      if (slices == null) {
        return false;
      }
      for (int i = 0; i < slices.count(); i++) {
        MachineMemory.fill(slices.hpa(i), slices.lengthBytes(i), value);
      }
      return true;
    }
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
      if (touch(missing, Ept.READ | Ept.WRITE) != Outcome.MAPPED) {
        throw new OutOfFramesException();
      }
    }
  }

  /** Marks pages as accessed up to the first that is not mapped; returns its gpa, or -1. */
  private long markAccessed(long gpa, long lengthBytes, boolean write) {
    for (long at = gpa, end = gpa + lengthBytes; at < end; at = nextPage(at)) {
      long hpa = table.hpa(at);
      if (hpa < 0) {
        return at;
      }
      table.touch(at, write);
      markTouched(hpa >>> FramePool.FRAME_SHIFT);
    }
    return -1;
  }

  /** Notes that a frame was really accessed, for {@link Statistics}. */
  public void markTouched(long mfn) {
    if ((pool.flags(mfn) & FramePool.TOUCHED) == 0) {
      pool.setFlags(mfn, FramePool.TOUCHED);
    }
  }

  private static long nextPage(long address) {
    return (address | FramePool.FRAME_BYTES - 1) + 1;
  }

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
