package dev.ringzero.memory;

import dev.ringzero.x86.Ept;
import java.util.List;

/**
 * One VM's guest-physical space: RAM, and holes, where devices are. How RAM lies in machine memory
 * is the implementation's: frame by frame for the software engine, in one piece for the host's
 * processor. Thread-safe.
 *
 * <p>Devices and loaders use the read and write methods, or {@link #slices}. Outside RAM reads give
 * all ones and writes are dropped, as on a bus where nobody answers.
 */
public abstract sealed class GuestMemory implements AutoCloseable
    permits FrameMemory, ContiguousMemory {
  /** Low RAM ends here at the latest; up to 4 GiB follows the hole of PCI and the platform. */
  public static final long LOW_RAM_LIMIT = 0xC000_0000L;

  private final RamMap ram;

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
   * @param framesShared of the frames given, those that other VMs have too
   * @param zeroPages pages that were only read, and so lead to frames of zeros that all have
   * @param framesLarge of the frames given, those that are mapped as pages of 2 MiB
   */
  public record Statistics(
      long ramBytes,
      long framesGiven,
      long framesTouched,
      long tableFrames,
      long framesShared,
      long zeroPages,
      long framesLarge) {}

  GuestMemory(List<RamRange> ram) {
    this.ram = new RamMap(ram);
  }

  /** A PC's space with so much RAM, frame by frame. */
  public static GuestMemory ofPc(long ramBytes) {
    return FrameMemory.ofPc(ramBytes);
  }

  /** RAM of a PC: around the VGA window, up to 3 GiB, and the rest above 4 GiB. */
  public static List<RamRange> pcLayout(long ramBytes) {
    return RamMap.pcLayout(ramBytes);
  }

  final RamMap map() {
    return ram;
  }

  public final List<RamRange> ramRanges() {
    return ram.ranges();
  }

  public final long ramBytes() {
    return ram.bytes();
  }

  public final boolean isRam(long gpa) {
    return ram.contains(gpa);
  }

  /** Whether all of a range is RAM; false for a negative or wrapping one. */
  public final boolean isRam(long gpa, long lengthBytes) {
    return ram.contains(gpa, lengthBytes);
  }

  /**
   * Gives frames to the page around {@code gpa} if it has none: what the monitor does on an EPT
   * violation.
   *
   * @param access of {@link Ept#RIGHTS}; rights that a mapped page lacks are given
   */
  public abstract Outcome touch(long gpa, long access);

  /**
   * Takes the frame of a 4 KiB page back (ballooning, free-page reporting). Its content is lost;
   * the next touch gives a frame of zeros. May wait for other users of the frame.
   *
   * @return false, with nothing changed, if the page has no frame, the caller itself has pinned it,
   *     or it cannot be taken out of a larger page
   */
  public abstract boolean reclaim(long gpa);

  /**
   * Takes the frames of all pages back that lie in a range as a whole, as {@link #reclaim(long)}
   * does. What of the range is not RAM is passed over.
   *
   * @return how many bytes that was
   */
  public abstract long reclaim(long gpa, long lengthBytes);

  /**
   * Pins a range and shows it as runs of machine memory.
   *
   * @return the runs, or null unless all of the range is RAM
   * @throws OutOfFramesException if no frame is left for a part of it
   */
  public abstract Slices slices(long gpa, long lengthBytes, boolean write);

  abstract void release(Slices slices);

  abstract long readWithinPage(long gpa, int sizeBytes);

  abstract void writeWithinPage(long gpa, int sizeBytes, long value);

  public abstract Statistics statistics();

  /** Gives all memory back. vCPUs must have stopped for good; devices are waited for. */
  @Override
  public abstract void close();

  public final long read8(long gpa) {
    return readValue(gpa, 1);
  }

  public final long read16(long gpa) {
    return readValue(gpa, 2);
  }

  public final long read32(long gpa) {
    return readValue(gpa, 4);
  }

  public final long read64(long gpa) {
    return readValue(gpa, 8);
  }

  public final void write8(long gpa, long value) {
    writeValue(gpa, 1, value);
  }

  public final void write16(long gpa, long value) {
    writeValue(gpa, 2, value);
  }

  public final void write32(long gpa, long value) {
    writeValue(gpa, 4, value);
  }

  public final void write64(long gpa, long value) {
    writeValue(gpa, 8, value);
  }

  private long readValue(long gpa, int sizeBytes) {
    if (!isRam(gpa, sizeBytes)) {
      return -1L >>> 64 - 8 * sizeBytes;
    }
    if (!crosses(gpa, sizeBytes)) {
      return readWithinPage(gpa, sizeBytes);
    }
    long value = 0;
    for (int i = 0; i < sizeBytes; i++) {
      value |= readWithinPage(gpa + i, 1) << 8 * i;
    }
    return value;
  }

  private void writeValue(long gpa, int sizeBytes, long value) {
    if (!isRam(gpa, sizeBytes)) {
      return;
    }
    if (!crosses(gpa, sizeBytes)) {
      writeWithinPage(gpa, sizeBytes, value);
      return;
    }
    for (int i = 0; i < sizeBytes; i++) {
      writeWithinPage(gpa + i, 1, value >>> 8 * i);
    }
  }

  private static boolean crosses(long gpa, int sizeBytes) {
    return (gpa & FramePool.FRAME_BYTES - 1) > FramePool.FRAME_BYTES - sizeBytes;
  }

  static long nextPage(long address) {
    return (address | FramePool.FRAME_BYTES - 1) + 1;
  }

  /**
   * Copies out of guest memory.
   *
   * @return false, with nothing copied, unless all of the range is RAM
   */
  public final boolean read(long gpa, byte[] destination, int offset, int lengthBytes) {
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
  public final boolean write(long gpa, byte[] source, int offset, int lengthBytes) {
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
  public final boolean write(long gpa, byte[] source) {
    return write(gpa, source, 0, source.length);
  }

  /**
   * Fills a range with one byte.
   *
   * @return false, with nothing written, unless all of the range is RAM
   */
  public final boolean fill(long gpa, long lengthBytes, int value) {
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
}
