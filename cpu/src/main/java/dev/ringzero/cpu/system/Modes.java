package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;

/** Keeps what follows from the mode bits right after they changed. */
final class Modes {
  private Modes() {}

  /** After a change of CS or of EFER.LMA. */
  static void codeSegmentChanged(Cpu cpu) {
    int access = cpu.segmentAccess[Cpu.CS];
    if (DescriptorTables.longMode(cpu) && (access & AccessRights.L) != 0) {
      cpu.codeSize = 64;
    } else {
      cpu.codeSize = (access & AccessRights.DB) != 0 ? 32 : 16;
    }
  }

  static void privilege(Cpu cpu, int cpl) {
    if (cpu.cpl != cpl) {
      cpu.cpl = cpl;
      cpu.mmu.modeChanged();
    }
  }
}
