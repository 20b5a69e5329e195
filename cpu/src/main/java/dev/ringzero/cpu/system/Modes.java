package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;

/** Keeps what follows from the mode bits right after they changed. */
public final class Modes {
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

  /** After all registers were loaded at once: what is derived from them, translations apart. */
  public static void stateLoaded(Cpu cpu) {
    cpu.cpl = AccessRights.dpl(cpu.segmentAccess[Cpu.SS]);
    codeSegmentChanged(cpu);
  }

  static void privilege(Cpu cpu, int cpl) {
    if (cpu.cpl != cpl) {
      cpu.cpl = cpl;
      cpu.mmu.modeChanged();
    }
  }
}
