package dev.ringzero.cpu.translator;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * The addresses at which translated code of this JVM runs: one reserved range, so that a signal
 * handler can tell by two compares whether an instruction is ours. Code memories lie in it with
 * inaccessible pages between them.
 */
final class CodeRegion {
  static final long SIZE_BYTES = 1L << 38;

  private static final long GUARD_BYTES = 1 << 16;
  private static final long FIRST = HostCode.reserve(SIZE_BYTES);

  private static final Map<Long, ArrayDeque<Long>> FREE = new HashMap<>();
  private static long next = FIRST + GUARD_BYTES;

  private CodeRegion() {}

  /** Whether the host gave so many addresses. */
  static boolean exists() {
    return FIRST != 0;
  }

  static long first() {
    return FIRST;
  }

  /** Addresses for so many bytes; 0 where there are none left. */
  static synchronized long take(long lengthBytes) {
    ArrayDeque<Long> free = FREE.get(lengthBytes);
    if (free != null && !free.isEmpty()) {
      return free.pop();
    }
    if (!exists() || next + lengthBytes + GUARD_BYTES > FIRST + SIZE_BYTES) {
      return 0;
    }
    long taken = next;
    next += (lengthBytes + 2 * GUARD_BYTES - 1) / GUARD_BYTES * GUARD_BYTES;
    return taken;
  }

  /** Gives addresses back; what was mapped there goes. */
  static synchronized void giveBack(long address, long lengthBytes) {
    if (address < FIRST || address >= FIRST + SIZE_BYTES || !exists()) {
      HostCode.unmap(address, lengthBytes);
      return;
    }
    HostCode.makeInaccessible(address, lengthBytes);
    FREE.computeIfAbsent(lengthBytes, length -> new ArrayDeque<>()).push(address);
  }
}
