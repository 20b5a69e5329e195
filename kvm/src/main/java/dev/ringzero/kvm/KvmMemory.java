package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.RamRange;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * RAM of a guest that runs on KVM: one contiguous mapping of the host, whose frames the host gives
 * and scatters. Frame-granular physical-to-machine maps, shadow and direct paging belong to the
 * software engine and its {@link GuestMemory}.
 */
public final class KvmMemory implements AutoCloseable {
  private final List<RamRange> ranges;
  private final MemorySegment host;
  private boolean closed;

  /** RAM at these ranges, ascending and disjoint. */
  public KvmMemory(List<RamRange> ranges) {
    this.ranges = List.copyOf(ranges);
    this.host = HostCalls.mapAnonymous(ranges.stream().mapToLong(RamRange::lengthBytes).sum());
  }

  /** RAM where a PC has it. */
  public static KvmMemory ofPc(long ramBytes) {
    return new KvmMemory(GuestMemory.pcLayout(ramBytes));
  }

  public List<RamRange> ramRanges() {
    return ranges;
  }

  public long ramBytes() {
    return host.byteSize();
  }

  /** Where the first byte of the range lies in the host's address space. */
  long hostAddress(RamRange range) {
    return slice(range.gpa(), range.lengthBytes()).address();
  }

  /**
   * A bounded view of guest memory.
   *
   * @throws IndexOutOfBoundsException if not all of it is RAM of one range
   */
  public MemorySegment slice(long gpa, long lengthBytes) {
    long offset = 0;
    for (RamRange range : ranges) {
      if (range.contains(gpa)) {
        if (lengthBytes < 0 || lengthBytes > range.end() - gpa) {
          break;
        }
        return open().asSlice(offset + gpa - range.gpa(), lengthBytes);
      }
      offset += range.lengthBytes();
    }
    throw new IndexOutOfBoundsException(
        "no RAM at 0x" + Long.toHexString(gpa) + " of " + lengthBytes + " bytes");
  }

  private MemorySegment open() {
    if (closed) {
      throw new IllegalStateException("the guest's memory is closed");
    }
    return host;
  }

  public void write(long gpa, byte[] source) {
    slice(gpa, source.length).copyFrom(MemorySegment.ofArray(source));
  }

  public void read(long gpa, byte[] destination) {
    MemorySegment.ofArray(destination).copyFrom(slice(gpa, destination.length));
  }

  public long read32(long gpa) {
    return slice(gpa, Integer.BYTES).get(JAVA_INT_UNALIGNED, 0) & 0xFFFF_FFFFL;
  }

  public long read64(long gpa) {
    return slice(gpa, Long.BYTES).get(JAVA_LONG_UNALIGNED, 0);
  }

  public void write64(long gpa, long value) {
    slice(gpa, Long.BYTES).set(JAVA_LONG_UNALIGNED, 0, value);
  }

  /** Gives the memory back; no machine may use it any more. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      HostCalls.unmap(host);
    }
  }
}
