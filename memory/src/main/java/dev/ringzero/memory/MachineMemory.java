package dev.ringzero.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The bytes of machine memory, by machine address (hpa). This is the one class that touches memory
 * outside the Java heap. An hpa is an offset into one pool per JVM, and each access is checked
 * against its bounds, so that no mistake elsewhere can reach memory of the host.
 *
 * <p>Values narrower than 64 bits travel zero-extended. Aligned accesses are atomic; plain guest
 * loads have acquire and guest stores release semantics, which on x86 cost nothing and keep the JIT
 * from reordering them (x86-TSO). Unaligned accesses within a page are not atomic.
 */
public final class MachineMemory {
  private static final Backing BACKING = Backing.map();
  private static final MemorySegment POOL = BACKING.pool();

  private static final VarHandle SHORT = JAVA_SHORT.varHandle();
  private static final VarHandle INT = JAVA_INT.varHandle();
  private static final VarHandle LONG = JAVA_LONG.varHandle();
  private static final VarHandle BYTE = JAVA_BYTE.varHandle();

  private MachineMemory() {}

  /** Size of the pool in bytes; machine addresses are below it. */
  public static long sizeBytes() {
    return POOL.byteSize();
  }

  /** How many bytes of the pool the host can really give, as far as it is known. */
  static long limitBytes() {
    return Math.min(BACKING.limitBytes(), sizeBytes());
  }

  /** Gives a part of the pool back to the host, where that is possible; then it is zero. */
  static boolean discard(long hpa, long lengthBytes) {
    return BACKING.discard(hpa, lengthBytes);
  }

  /** Puts a part of a file in the place of a part of the pool; see {@link Backing}. */
  static boolean mapPrivately(long hpa, long lengthBytes, Path file, long offset) {
    return BACKING.mapPrivately(hpa, lengthBytes, file, offset);
  }

  /** Undoes {@link #mapPrivately}: the part is then zero, if this succeeds. */
  static boolean unmap(long hpa, long lengthBytes) {
    return BACKING.unmap(hpa, lengthBytes);
  }

  /** How many frames of a part of the pool the host has given memory for. */
  static long residentFrames(long hpa, long lengthBytes) {
    return HostCalls.residentPages(POOL.asSlice(hpa, lengthBytes));
  }

  /** Host virtual address of a machine address, for engines that hand memory to native code. */
  public static long hostAddress(long hpa) {
    return POOL.address() + hpa;
  }

  /** A bounded view of machine memory, for bulk input and output. */
  public static MemorySegment slice(long hpa, long lengthBytes) {
    return POOL.asSlice(hpa, lengthBytes);
  }

  public static long read8(long hpa) {
    return (byte) BYTE.getAcquire(POOL, hpa) & 0xFFL;
  }

  public static long read16(long hpa) {
    return (hpa & 1) == 0
        ? (short) SHORT.getAcquire(POOL, hpa) & 0xFFFFL
        : POOL.get(JAVA_SHORT_UNALIGNED, hpa) & 0xFFFFL;
  }

  public static long read32(long hpa) {
    return (hpa & 3) == 0
        ? (int) INT.getAcquire(POOL, hpa) & 0xFFFF_FFFFL
        : POOL.get(JAVA_INT_UNALIGNED, hpa) & 0xFFFF_FFFFL;
  }

  public static long read64(long hpa) {
    return (hpa & 7) == 0 ? (long) LONG.getAcquire(POOL, hpa) : POOL.get(JAVA_LONG_UNALIGNED, hpa);
  }

  public static void write8(long hpa, long value) {
    BYTE.setRelease(POOL, hpa, (byte) value);
  }

  public static void write16(long hpa, long value) {
    if ((hpa & 1) == 0) {
      SHORT.setRelease(POOL, hpa, (short) value);
    } else {
      POOL.set(JAVA_SHORT_UNALIGNED, hpa, (short) value);
    }
  }

  public static void write32(long hpa, long value) {
    if ((hpa & 3) == 0) {
      INT.setRelease(POOL, hpa, (int) value);
    } else {
      POOL.set(JAVA_INT_UNALIGNED, hpa, (int) value);
    }
  }

  public static void write64(long hpa, long value) {
    if ((hpa & 7) == 0) {
      LONG.setRelease(POOL, hpa, value);
    } else {
      POOL.set(JAVA_LONG_UNALIGNED, hpa, value);
    }
  }

  /** Reads 1, 2, 4 or 8 bytes. */
  public static long read(long hpa, int sizeBytes) {
    return switch (sizeBytes) {
      case 1 -> read8(hpa);
      case 2 -> read16(hpa);
      case 4 -> read32(hpa);
      default -> read64(hpa);
    };
  }

  /** Writes 1, 2, 4 or 8 bytes. */
  public static void write(long hpa, int sizeBytes, long value) {
    switch (sizeBytes) {
      case 1 -> write8(hpa, value);
      case 2 -> write16(hpa, value);
      case 4 -> write32(hpa, value);
      default -> write64(hpa, value);
    }
  }

  /**
   * Atomic compare-and-set of a naturally aligned 32-bit value.
   *
   * @return whether memory held {@code expected} and now holds {@code value}
   */
  public static boolean compareAndSet32(long hpa, long expected, long value) {
    return INT.compareAndSet(POOL, hpa, (int) expected, (int) value);
  }

  /**
   * Atomic compare-and-set of a naturally aligned 64-bit value.
   *
   * @return whether memory held {@code expected} and now holds {@code value}
   */
  public static boolean compareAndSet64(long hpa, long expected, long value) {
    return LONG.compareAndSet(POOL, hpa, expected, value);
  }

  /**
   * Atomic compare-and-exchange of a naturally aligned 32-bit value.
   *
   * @return the value found; the exchange happened if it is {@code expected}
   */
  public static long compareAndExchange32(long hpa, long expected, long value) {
    return (int) INT.compareAndExchange(POOL, hpa, (int) expected, (int) value) & 0xFFFF_FFFFL;
  }

  /**
   * Atomic compare-and-exchange of a naturally aligned 64-bit value.
   *
   * @return the value found; the exchange happened if it is {@code expected}
   */
  public static long compareAndExchange64(long hpa, long expected, long value) {
    return (long) LONG.compareAndExchange(POOL, hpa, expected, value);
  }

  /**
   * Atomic compare-and-exchange of 1, 2, 4 or 8 bytes that lie within one aligned group of eight.
   *
   * @return the value found; the exchange happened if it is {@code expected}
   */
  public static long compareAndExchangeWithin64(
      long hpa, int sizeBytes, long expected, long value) {
    long aligned = hpa & -8;
    int shift = (int) (hpa & 7) * 8;
    long mask = (-1L >>> 64 - 8 * sizeBytes) << shift;
    while (true) {
      long old = read64(aligned);
      long found = (old & mask) >>> shift;
      if (found != expected || compareAndSet64(aligned, old, old & ~mask | value << shift & mask)) {
        return found;
      }
    }
  }

  /** Whether {@link #compareAndExchange128} can be used on this host. */
  public static boolean hasCompareAndExchange128() {
    return WideCompareAndExchange.isAvailable();
  }

  /**
   * Atomic compare-and-exchange of 16 aligned bytes.
   *
   * @param operand expected low and high, new low and high
   * @param found 16 bytes of native memory where the value found goes
   * @return whether the exchange happened
   */
  public static boolean compareAndExchange128(long hpa, long[] operand, MemorySegment found) {
    Objects.checkFromIndexSize(hpa, 16, POOL.byteSize());
    return WideCompareAndExchange.run(hostAddress(hpa), operand, found);
  }

  /** Atomically sets a naturally aligned 64-bit value; returns the value before. */
  public static long getAndSet64(long hpa, long value) {
    return (long) LONG.getAndSet(POOL, hpa, value);
  }

  /** Atomically sets a naturally aligned 32-bit value; returns the value before. */
  public static long getAndSet32(long hpa, long value) {
    return (int) INT.getAndSet(POOL, hpa, (int) value) & 0xFFFF_FFFFL;
  }

  /** Atomically adds to a naturally aligned 64-bit value; returns the value before. */
  public static long getAndAdd64(long hpa, long value) {
    return (long) LONG.getAndAdd(POOL, hpa, value);
  }

  /** Atomically adds to a naturally aligned 32-bit value; returns the value before. */
  public static long getAndAdd32(long hpa, long value) {
    return (int) INT.getAndAdd(POOL, hpa, (int) value) & 0xFFFF_FFFFL;
  }

  /** A full memory fence (MFENCE, and what a locked instruction orders). */
  public static void fence() {
    VarHandle.fullFence();
  }

  public static void fill(long hpa, long lengthBytes, int value) {
    POOL.asSlice(hpa, lengthBytes).fill((byte) value);
  }

  public static void copy(long sourceHpa, long destinationHpa, long lengthBytes) {
    MemorySegment.copy(POOL, sourceHpa, POOL, destinationHpa, lengthBytes);
  }

  /** Copies machine memory into an array. */
  public static void read(long hpa, byte[] destination, int offset, int lengthBytes) {
    MemorySegment.copy(POOL, JAVA_BYTE, hpa, destination, offset, lengthBytes);
  }

  /** Copies an array into machine memory. */
  public static void write(long hpa, byte[] source, int offset, int lengthBytes) {
    MemorySegment.copy(source, offset, POOL, JAVA_BYTE, hpa, lengthBytes);
  }
}
