package dev.ringzero.cpu.translator;

import java.lang.foreign.MemorySegment;

/**
 * Where translated code lies: one bounded piece of memory, written through one mapping and run
 * through another. It is filled from the front and emptied as a whole. It stays mapped as long as
 * this object can be reached.
 */
final class CodeMemory {
  private final HostCode.DoubleMapping mapping;
  private final long lengthBytes;
  private final MemorySegment writable;

  CodeMemory(long lengthBytes) {
    this.lengthBytes = lengthBytes;
    mapping = HostCode.mapTwice(lengthBytes, CodeRegion.take(lengthBytes));
    writable = HostCode.memory(mapping.writable(), lengthBytes, releaseOf(mapping, lengthBytes));
  }

  MemorySegment writable() {
    return writable;
  }

  /** Host address at which the code at this position runs. */
  long executable(int position) {
    return mapping.executable() + position;
  }

  /** Bytes that remain behind this position. */
  long room(int position) {
    return lengthBytes - position;
  }

  private static Runnable releaseOf(HostCode.DoubleMapping mapping, long lengthBytes) {
    return () -> {
      HostCode.unmap(mapping.writable(), lengthBytes);
      CodeRegion.giveBack(mapping.executable(), lengthBytes);
    };
  }
}
