package dev.ringzero.cpu.svm;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.memory.MachineMemory;

/**
 * The maps in a monitor's memory that say which ports and model-specific registers its guest may
 * use.
 *
 * @spec AMD64 APM Vol. 2, "IOIO Intercepts"; "MSR Intercepts"
 */
final class PermissionMaps {
  private static final int VECTOR_BYTES = 0x800;
  private static final int VECTOR_REGISTERS = 0x2000;

  private final Cpu cpu;

  PermissionMaps(Cpu cpu) {
    this.cpu = cpu;
  }

  /** Whether an access to a model-specific register is the monitor's. */
  boolean msr(long map, int index, boolean write) {
    int vector =
        switch (index >>> 16) {
          case 0 -> 0;
          case 0xC000 -> 1;
          case 0xC001 -> 2;
          default -> -1;
        };
    int number = index & 0xFFFF;
    if (vector < 0 || number >= VECTOR_REGISTERS) {
      return true;
    }
    int bit = 2 * number + (write ? 1 : 0);
    long at = (long) vector * VECTOR_BYTES + (bit >> 3);
    return (read(map + at) >>> (bit & 7) & 1) != 0;
  }

  /** Whether an access to ports is the monitor's. */
  boolean port(long map, int port, int sizeBytes) {
    for (int i = 0; i < sizeBytes; i++) {
      int bit = port + i;
      if ((read(map + (bit >> 3)) >>> (bit & 7) & 1) != 0) {
        return true;
      }
    }
    return false;
  }

  private int read(long gpa) {
    long hpa = cpu.mmu.physical(gpa, false);
    return hpa < 0 ? 0xFF : (int) MachineMemory.read8(hpa);
  }
}
