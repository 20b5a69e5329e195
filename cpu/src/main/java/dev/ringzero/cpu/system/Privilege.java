package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;

/** Checks that many system instructions begin with. */
public final class Privilege {
  private Privilege() {}

  /** #GP(0) unless CPL is 0. */
  public static void requireSupervisor(Cpu cpu) {
    if (cpu.cpl != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  /** #UD in real-address and virtual-8086 mode. */
  static void requireProtectedMode(Cpu cpu) {
    if (!Segmentation.protectedMode(cpu)) {
      throw cpu.invalidOpcode();
    }
  }

  /** #UD outside 64-bit mode. */
  static void require64(Cpu cpu) {
    if (cpu.codeSize != 64) {
      throw cpu.invalidOpcode();
    }
  }

  /** #GP(0) where CR4.UMIP keeps an instruction from user mode. */
  static void checkUserModePrevention(Cpu cpu) {
    if (cpu.cpl != 0 && (cpu.cr4 & Cr4.UMIP) != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  /** RFLAGS.IOPL, 0 to 3. */
  static int ioPrivilegeLevel(Cpu cpu) {
    return (int) (cpu.systemFlags & Rflags.IOPL) >>> 12;
  }
}
