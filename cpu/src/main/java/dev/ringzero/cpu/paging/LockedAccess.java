package dev.ringzero.cpu.paging;

import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.Revocation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Read-modify-write accesses that other processors see as one. Within an aligned group of eight
 * bytes they are atomics of the host; wider or across such groups the other processors of the VM
 * stop meanwhile. On device memory they are a read and a write, as on a bus without locks.
 */
final class LockedAccess {
  private final Translator translator;
  private final Revocation.User user;

  /** Where the host's 16-byte compare and exchange puts what it found. */
  private final MemorySegment found = Arena.ofAuto().allocate(16);

  LockedAccess(Translator translator, Revocation.User user) {
    this.translator = translator;
    this.user = user;
  }

  long compareAndExchange(long linear, int privilege, int sizeBytes, long expected, long value) {
    if (isSplit(linear, sizeBytes)) {
      return splitCompareAndExchange(linear, privilege, sizeBytes, expected, value);
    }
    long address = translator.translateForUpdate(linear, privilege, sizeBytes);
    if (isDevice(address)) {
      long found = translator.readAt(address, sizeBytes);
      translator.writeAt(address, sizeBytes, found == expected ? value : found);
      return found;
    }
    long found = compareAndExchangeAt(address, sizeBytes, expected, value);
    translator.written(address, sizeBytes);
    return found;
  }

  /** Compares and exchanges 1, 2, 4 or 8 bytes of machine memory within a group of eight. */
  static long compareAndExchangeAt(long hpa, int sizeBytes, long expected, long value) {
    if (sizeBytes == 8) {
      return MachineMemory.compareAndExchange64(hpa, expected, value);
    }
    return sizeBytes == 4 && (hpa & 3) == 0
        ? MachineMemory.compareAndExchange32(hpa, expected, value)
        : MachineMemory.compareAndExchangeWithin64(hpa, sizeBytes, expected, value);
  }

  private long splitCompareAndExchange(
      long linear, int privilege, int sizeBytes, long expected, long value) {
    user.beginExclusive();
    try {
      translator.probe(linear, privilege, Access.WRITE, sizeBytes);
      long found = translator.readForWrite(linear, privilege, sizeBytes);
      if (found == expected) {
        translator.write(linear, privilege, sizeBytes, value);
      }
      return found;
    } finally {
      user.endExclusive();
    }
  }

  long exchange(long linear, int privilege, int sizeBytes, long value) {
    if (isWhole(linear, sizeBytes)) {
      long address = translator.translateForUpdate(linear, privilege, sizeBytes);
      if (isDevice(address)) {
        long before = translator.readAt(address, sizeBytes);
        translator.writeAt(address, sizeBytes, value);
        return before;
      }
      long before = exchangeAt(address, sizeBytes, value);
      translator.written(address, sizeBytes);
      return before;
    }
    long found = 0;
    long expected;
    do {
      expected = found;
      found = compareAndExchange(linear, privilege, sizeBytes, expected, value);
    } while (found != expected);
    return found;
  }

  /** Exchanges an aligned 4 or 8 bytes of machine memory. */
  static long exchangeAt(long hpa, int sizeBytes, long value) {
    return sizeBytes == 8
        ? MachineMemory.getAndSet64(hpa, value)
        : MachineMemory.getAndSet32(hpa, value);
  }

  long getAndAdd(long linear, int privilege, int sizeBytes, long addend) {
    long mask = -1L >>> 64 - 8 * sizeBytes;
    if (isWhole(linear, sizeBytes)) {
      long address = translator.translateForUpdate(linear, privilege, sizeBytes);
      if (isDevice(address)) {
        long before = translator.readAt(address, sizeBytes);
        translator.writeAt(address, sizeBytes, before + addend & mask);
        return before;
      }
      long before = getAndAddAt(address, sizeBytes, addend);
      translator.written(address, sizeBytes);
      return before;
    }
    long found = 0;
    long expected;
    do {
      expected = found;
      found = compareAndExchange(linear, privilege, sizeBytes, expected, expected + addend & mask);
    } while (found != expected);
    return found;
  }

  /** Adds to an aligned 4 or 8 bytes of machine memory. */
  static long getAndAddAt(long hpa, int sizeBytes, long addend) {
    return sizeBytes == 8
        ? MachineMemory.getAndAdd64(hpa, addend)
        : MachineMemory.getAndAdd32(hpa, addend);
  }

  /** Whether Java has atomics of this size for this address. */
  static boolean isWhole(long linear, int sizeBytes) {
    return sizeBytes >= 4 && (linear & sizeBytes - 1) == 0;
  }

  boolean compareAndExchange128(long linear, int privilege, long[] operand, boolean atomic) {
    if (!atomic) {
      return plainCompareAndExchange128(linear, privilege, operand);
    }
    if (MachineMemory.hasCompareAndExchange128()) {
      long address = translator.translateForUpdate(linear, privilege, 16);
      if (!isDevice(address)) {
        return nativeCompareAndExchange128(address, operand);
      }
    }
    user.beginExclusive();
    try {
      return plainCompareAndExchange128(linear, privilege, operand);
    } finally {
      user.endExclusive();
    }
  }

  private boolean nativeCompareAndExchange128(long hpa, long[] operand) {
    boolean equal = MachineMemory.compareAndExchange128(hpa, operand, found);
    if (equal) {
      translator.written(hpa, 16);
    } else {
      operand[0] = found.get(ValueLayout.JAVA_LONG, 0);
      operand[1] = found.get(ValueLayout.JAVA_LONG, 8);
    }
    return equal;
  }

  /** The address is a multiple of 16, so that no page is crossed. */
  private boolean plainCompareAndExchange128(long linear, int privilege, long[] operand) {
    long address = translator.translateForUpdate(linear, privilege, 16);
    long low = translator.readAt(address, 8);
    long high = translator.readAt(address + 8, 8);
    boolean equal = low == operand[0] && high == operand[1];
    if (equal) {
      translator.writeAt(address, 8, operand[2]);
      translator.writeAt(address + 8, 8, operand[3]);
    } else {
      operand[0] = low;
      operand[1] = high;
    }
    return equal;
  }

  private static boolean isSplit(long linear, int sizeBytes) {
    return (linear & 7) + sizeBytes > 8;
  }

  private static boolean isDevice(long address) {
    return (address & Translator.DEVICE) != 0;
  }
}
