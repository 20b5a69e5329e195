package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.system.AccessRights;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Rflags;

/**
 * Whether the segments of 32-bit code let offsets be linear addresses: CS, DS, ES and SS begin at 0
 * and hold all of 4 GiB, and so does GS from its base on, which is where programs keep what is a
 * thread's. Accesses by CS or FS are the interpreter's.
 *
 * <p>Not modelled: the limit of GS for an access that begins within it and ends beyond, at offset
 * 0.
 */
final class FlatSegments {
  private static final long LIMIT = 0xFFFF_FFFFL;
  private static final int DATA =
      AccessRights.UNUSABLE
          | AccessRights.P
          | AccessRights.S
          | AccessRights.CODE
          | AccessRights.EXPAND_DOWN
          | AccessRights.WRITABLE;
  private static final int WRITABLE_DATA = AccessRights.P | AccessRights.S | AccessRights.WRITABLE;

  private FlatSegments() {}

  static boolean of(Cpu cpu) {
    boolean paged = (cpu.cr0 & (Cr0.PE | Cr0.PG)) == (Cr0.PE | Cr0.PG);
    return paged
        && (cpu.systemFlags & Rflags.VM) == 0
        && cpu.segmentBase[Cpu.CS] == 0
        && cpu.segmentLimit[Cpu.CS] == LIMIT
        && isFlat(cpu, Cpu.DS)
        && isFlat(cpu, Cpu.ES)
        && isFlat(cpu, Cpu.SS)
        && (cpu.segmentAccess[Cpu.SS] & AccessRights.DB) != 0
        && isWhole(cpu, Cpu.GS);
  }

  private static boolean isFlat(Cpu cpu, int segment) {
    return cpu.segmentBase[segment] == 0 && isWhole(cpu, segment);
  }

  private static boolean isWhole(Cpu cpu, int segment) {
    return cpu.segmentLimit[segment] == LIMIT
        && (cpu.segmentAccess[segment] & DATA) == WRITABLE_DATA;
  }
}
