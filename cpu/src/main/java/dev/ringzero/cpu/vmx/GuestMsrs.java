package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.cpu.system.ModelSpecificRegisters;
import dev.ringzero.memory.GuestMemory;

/**
 * The areas of model-specific registers that VM entries and exits load and store. An entry is the
 * register's index (32 bits), 32 reserved bits and its value.
 *
 * <p>Not modelled: registers that the processor does not itself hold, such as those of the local
 * APIC, cannot be in these areas.
 *
 * @spec Intel SDM Vol. 3C, "Loading MSRs"; "Saving MSRs"
 */
final class GuestMsrs {
  private static final int ENTRY_BYTES = 16;
  private static final int IA32_FS_BASE = 0xC000_0100;
  private static final int IA32_TIME_STAMP_COUNTER = 0x10;
  private static final int IA32_GS_BASE = 0xC000_0101;
  private static final int X2APIC_FIRST = 0x800;
  private static final int X2APIC_LAST = 0x8FF;

  private GuestMsrs() {}

  /** Whether IA32_PAT may hold a value. */
  static boolean validPat(long value) {
    for (int shift = 0; shift < 64; shift += 8) {
      long type = value >>> shift & 0xFF;
      if (type > 7 || type == 2 || type == 3) {
        return false;
      }
    }
    return true;
  }

  /**
   * Loads registers.
   *
   * @return the number of the first entry that cannot be loaded, from 1; 0 if all were
   */
  static int load(Cpu cpu, GuestMemory memory, long area, long count) {
    for (int n = 0; n < count; n++) {
      long entry = area + (long) n * ENTRY_BYTES;
      int index = (int) memory.read32(entry);
      if (memory.read32(entry + 4) != 0
          || !loadable(cpu, index)
          || !write(cpu, index, memory.read64(entry + 8))) {
        return n + 1;
      }
    }
    return 0;
  }

  private static boolean loadable(Cpu cpu, int index) {
    return index != IA32_FS_BASE && index != IA32_GS_BASE && storable(cpu, index);
  }

  private static boolean storable(Cpu cpu, int index) {
    boolean apic = index >= X2APIC_FIRST && index <= X2APIC_LAST;
    return !apic && ModelSpecificRegisters.holds(cpu, index);
  }

  private static boolean write(Cpu cpu, int index, long value) {
    try {
      ModelSpecificRegisters.write(cpu, index, value);
      return true;
    } catch (GuestFault fault) {
      return false;
    }
  }

  /**
   * Stores registers.
   *
   * @param timeStamp the time-stamp counter when the guest was left
   * @return false if one cannot be stored
   */
  static boolean store(Cpu cpu, GuestMemory memory, long area, long count, long timeStamp) {
    for (int n = 0; n < count; n++) {
      long entry = area + (long) n * ENTRY_BYTES;
      int index = (int) memory.read32(entry);
      if (memory.read32(entry + 4) != 0 || !storable(cpu, index)) {
        return false;
      }
      try {
        boolean time = index == IA32_TIME_STAMP_COUNTER;
        long value = time ? timeStamp : ModelSpecificRegisters.read(cpu, index);
        memory.write64(entry + 8, value);
      } catch (GuestFault fault) {
        return false;
      }
    }
    return true;
  }
}
