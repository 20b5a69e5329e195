package dev.ringzero.cpu.translator;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Where translated code lies: one bounded piece of memory, written through one mapping and run
 * through another. It is filled from the front. It stays mapped as long as this object can be
 * reached.
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

  /** Puts code at a position. */
  void write(int position, byte[] code, int length) {
    MemorySegment.copy(code, 0, writable, JAVA_BYTE, position, length);
  }

  /**
   * Lets the rel32 at a position, which must not cross 8 bytes, point to the target; others may run
   * it meanwhile.
   */
  void patch(int at, int target) {
    writable.set(JAVA_INT_UNALIGNED, at, target - (at + 4));
  }

  /** Host address at which the code at this position runs. */
  long executable(int position) {
    return mapping.executable() + position;
  }

  /** Bytes that remain behind this position. */
  long room(int position) {
    return lengthBytes - position;
  }

  /** Four bytes. */
  int dword(int at) {
    return writable.get(JAVA_INT_UNALIGNED, at);
  }

  /** Replaces four bytes. */
  void dwordAt(int at, int value) {
    writable.set(JAVA_INT_UNALIGNED, at, value);
  }

  private static Runnable releaseOf(HostCode.DoubleMapping mapping, long lengthBytes) {
    return () -> {
      HostCode.unmap(mapping.writable(), lengthBytes);
      CodeRegion.giveBack(mapping.executable(), lengthBytes);
    };
  }
}
