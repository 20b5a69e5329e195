package dev.ringzero.cpu.paging;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.ExitReason;

/**
 * Accesses to device memory: completed through the bus within the instruction, and counted with
 * their time as exits. Meanwhile the processor is outside guest code: a device may wait for others,
 * and machine addresses from before the access may no longer hold after it.
 */
final class DeviceAccess {
  private DeviceAccess() {}

  /** Reads 1 to 8 bytes that lie in one page. */
  static long read(Cpu cpu, long gpa, int sizeBytes) {
    long start = cpu.clock.nanoTime();
    cpu.mmu.leave();
    try {
      long value = 0;
      for (int at = 0; at < sizeBytes; ) {
        int part = part(sizeBytes - at);
        value |= cpu.io.read(gpa + at, part) << 8 * at;
        at += part;
      }
      return value;
    } finally {
      cpu.mmu.enter();
      cpu.exits.add(ExitReason.MMIO, cpu.clock.nanoTime() - start);
    }
  }

  /** Writes 1 to 8 bytes that lie in one page. */
  static void write(Cpu cpu, long gpa, int sizeBytes, long value) {
    long start = cpu.clock.nanoTime();
    cpu.mmu.leave();
    try {
      for (int at = 0; at < sizeBytes; ) {
        int part = part(sizeBytes - at);
        cpu.io.write(gpa + at, part, value >>> 8 * at & -1L >>> 64 - 8 * part);
        at += part;
      }
    } finally {
      cpu.mmu.enter();
      cpu.exits.add(ExitReason.MMIO, cpu.clock.nanoTime() - start);
    }
  }

  /** The largest access of the bus that fits. */
  private static int part(int sizeBytes) {
    return Integer.highestOneBit(sizeBytes);
  }
}
