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
public abstract sealed class GuestMemory extends DmaMemory implements AutoCloseable
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

  @Override
  public final boolean isRam(long gpa) {
    return ram.contains(gpa);
  }

  /** Whether all of a range is RAM; false for a negative or wrapping one. */
  @Override
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

  public abstract Statistics statistics();

  /** Gives all memory back. vCPUs must have stopped for good; devices are waited for. */
  @Override
  public abstract void close();

  static long nextPage(long address) {
    return (address | FramePool.FRAME_BYTES - 1) + 1;
  }
}
