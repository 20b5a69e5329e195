package dev.ringzero.memory;

import java.util.List;

/** Where in a guest-physical space RAM is. */
final class RamMap {
  private static final long VGA_START = 0xA_0000L;
  private static final long VGA_END = 0xC_0000L;
  private static final long HIGH_RAM = 0x1_0000_0000L;

  private final List<RamRange> ranges;
  private final RamRange[] array;

  RamMap(List<RamRange> ranges) {
    this.ranges = List.copyOf(ranges);
    this.array = ranges.toArray(RamRange[]::new);
  }

  /** RAM of a PC: around the VGA window, up to 3 GiB, and the rest above 4 GiB. */
  static List<RamRange> pcLayout(long ramBytes) {
    if (ramBytes <= VGA_END || ramBytes % FramePool.FRAME_BYTES != 0) {
      throw new IllegalArgumentException("no PC has " + ramBytes + " bytes of RAM");
    }
    RamRange base = new RamRange(0, VGA_START);
    long lowEnd = Math.min(ramBytes, GuestMemory.LOW_RAM_LIMIT);
    RamRange low = new RamRange(VGA_END, lowEnd - VGA_END);
    return ramBytes <= GuestMemory.LOW_RAM_LIMIT
        ? List.of(base, low)
        : List.of(base, low, new RamRange(HIGH_RAM, ramBytes - GuestMemory.LOW_RAM_LIMIT));
  }

  List<RamRange> ranges() {
    return ranges;
  }

  long bytes() {
    return ranges.stream().mapToLong(RamRange::lengthBytes).sum();
  }

  boolean contains(long gpa) {
    for (RamRange range : array) {
      if (range.contains(gpa)) {
        return true;
      }
    }
    return false;
  }

  /** Whether all of a range is RAM; false for a negative or wrapping one. */
  boolean contains(long gpa, long lengthBytes) {
    for (RamRange range : array) {
      if (range.contains(gpa)) {
        return lengthBytes >= 0 && lengthBytes <= range.end() - gpa;
      }
    }
    return false;
  }
}
