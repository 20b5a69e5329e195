package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Vector;

/**
 * Reads and marks descriptors of the global and local descriptor tables.
 *
 * @spec Intel SDM Vol. 3A, "Segment Descriptor Tables"
 */
final class DescriptorTables {
  private static final int TABLE_INDICATOR = 4; // selector bit TI

  /**
   * Bounds the attempts to set a bit, for tables that lie in a device which never reads the same.
   */
  private static final int ATTEMPTS = 1000;

  private DescriptorTables() {}

  static boolean isNull(int selector) {
    return (selector & 0xFFFC) == 0;
  }

  /** The error code that names a selector. */
  static int errorCode(int selector) {
    return selector & 0xFFFC;
  }

  static boolean longMode(Cpu cpu) {
    return (cpu.efer & Efer.LMA) != 0;
  }

  /** Whether the selector's descriptor lies within its table. */
  static boolean within(Cpu cpu, int selector) {
    return within(cpu, selector, 8);
  }

  private static boolean within(Cpu cpu, int selector, int lengthBytes) {
    SystemRegisters system = cpu.system;
    int last = (selector & 0xFFF8) + lengthBytes - 1;
    if ((selector & TABLE_INDICATOR) == 0) {
      return last <= system.gdtrLimit;
    }
    return AccessRights.usable(system.ldtrAccess) && last <= system.ldtrLimit;
  }

  /** Linear address of the selector's descriptor. */
  static long address(Cpu cpu, int selector) {
    SystemRegisters system = cpu.system;
    long base = (selector & TABLE_INDICATOR) == 0 ? system.gdtrBase : system.ldtrBase;
    long linear = base + (selector & 0xFFF8);
    return longMode(cpu) ? linear : linear & 0xFFFF_FFFFL;
  }

  static long read(Cpu cpu, int selector) {
    return cpu.mmu.readSupervisor(address(cpu, selector), 8);
  }

  /**
   * Reads the selector's descriptor.
   *
   * @param vector the fault where it lies beyond the table; the error code is the selector
   * @param external the EXT bit of that error code, 0 or 1
   */
  static long fetch(Cpu cpu, int selector, int vector, int external) {
    if (!within(cpu, selector)) {
      throw cpu.fault(vector, errorCode(selector) | external);
    }
    return read(cpu, selector);
  }

  static long fetch(Cpu cpu, int selector, int vector) {
    return fetch(cpu, selector, vector, 0);
  }

  /**
   * Upper half of a 16-byte system descriptor of IA-32e mode: bits 63:32 of base or offset.
   *
   * @throws dev.ringzero.cpu.GuestFault where it lies beyond the table or its type is not zero
   */
  static long fetchUpper(Cpu cpu, int selector, int vector) {
    if (!within(cpu, selector, 16)) {
      throw cpu.fault(vector, errorCode(selector));
    }
    long upper = cpu.mmu.readSupervisor(address(cpu, selector) + 8, 8);
    if ((upper >>> 40 & 0x1F) != 0) {
      throw cpu.fault(Vector.GP, errorCode(selector));
    }
    return upper & 0xFFFF_FFFFL;
  }

  /** Sets the accessed bit in memory, where it is clear. */
  static void markAccessed(Cpu cpu, int selector, long descriptor) {
    if ((descriptor >>> 40 & AccessRights.ACCESSED) == 0) {
      change(cpu, selector, 0, AccessRights.ACCESSED);
    }
  }

  /** Sets the busy bit of a TSS descriptor in memory. */
  static void markBusy(Cpu cpu, int selector) {
    change(cpu, selector, 0, AccessRights.BUSY);
  }

  /** Clears the busy bit of a TSS descriptor in memory. */
  static void markAvailable(Cpu cpu, int selector) {
    change(cpu, selector, AccessRights.BUSY, 0);
  }

  private static void change(Cpu cpu, int selector, int clear, int set) {
    long linear = address(cpu, selector) + 4;
    long expected = cpu.mmu.readSupervisor(linear, 4);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long wanted = expected & ~((long) clear << 8) | (long) set << 8;
      long found = cpu.mmu.compareAndExchangeSupervisor(linear, 4, expected, wanted);
      if (found == expected) {
        return;
      }
      expected = found;
    }
  }
}
