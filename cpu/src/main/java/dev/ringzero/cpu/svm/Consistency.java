package dev.ringzero.cpu.svm;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.SvmExitCode;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.Vmcb;

/**
 * The checks of VMRUN: what fails them leaves with VMEXIT_INVALID.
 *
 * @spec AMD64 APM Vol. 2, "Canonicalization and Consistency Checks"; "Event Injection"
 */
final class Consistency {
  private static final long EFER_ALWAYS_ALLOWED = Efer.LMA;
  private static final long IO_MAP_BYTES = 3 * 4096;
  private static final long MSR_MAP_BYTES = 3 * 4096; // 8 KiB, but never the last page
  private static final int CODE_L = 1 << 9; // in a VMCB's attributes
  private static final int CODE_DB = 1 << 10;

  private Consistency() {}

  static boolean holds(Cpu cpu, ControlBlock block, Controls controls) {
    return controlsHold(controls) && stateHolds(cpu, block) && eventHolds(controls, block);
  }

  private static boolean controlsHold(Controls controls) {
    return controls.asid != 0
        && controls.intercepts(SvmExitCode.VMRUN)
        && fits(controls.ioMap, IO_MAP_BYTES)
        && fits(controls.msrMap, MSR_MAP_BYTES)
        && (!controls.nestedPaging()
            || (controls.nestedCr3 & 0xFFF) == 0 && fits(controls.nestedCr3, 1));
  }

  private static boolean fits(long gpa, long lengthBytes) {
    return Long.compareUnsigned(gpa, (1L << AddressWidth.PHYSICAL_BITS) - lengthBytes) <= 0;
  }

  private static boolean stateHolds(Cpu cpu, ControlBlock block) {
    long efer = block.read64(Vmcb.EFER);
    long cr0 = block.read64(Vmcb.CR0);
    long cr4 = block.read64(Vmcb.CR4);
    boolean registers =
        (efer & Efer.SVME) != 0
            && (efer & ~(cpu.system.eferAllowed | EFER_ALWAYS_ALLOWED)) == 0
            && cr0 >>> 32 == 0
            && (cr0 & (Cr0.CD | Cr0.NW)) != Cr0.NW
            && (cr4 & ~cpu.system.cr4Allowed) == 0
            && block.read64(Vmcb.CR3) >>> AddressWidth.PHYSICAL_BITS == 0
            && block.read64(Vmcb.DR6) >>> 32 == 0
            && block.read64(Vmcb.DR7) >>> 32 == 0;
    return registers && longModeHolds(block, efer, cr0, cr4);
  }

  private static boolean longModeHolds(ControlBlock block, long efer, long cr0, long cr4) {
    boolean longMode = (efer & Efer.LME) != 0 && (cr0 & Cr0.PG) != 0;
    if (!longMode) {
      return true;
    }
    int attributes = block.read16(Vmcb.CS + Vmcb.ATTRIBUTES);
    boolean wideAndBig = (attributes & (CODE_L | CODE_DB)) == (CODE_L | CODE_DB);
    return (cr4 & Cr4.PAE) != 0 && (cr0 & Cr0.PE) != 0 && !wideAndBig;
  }

  private static boolean eventHolds(Controls controls, ControlBlock block) {
    long event = controls.eventInjection;
    if ((event & Vmcb.EVENT_VALID) == 0) {
      return true;
    }
    int vector = (int) event & 0xFF;
    return switch ((int) (event >>> Vmcb.EVENT_TYPE_SHIFT) & 7) {
      case Vmcb.EVENT_INTERRUPT, Vmcb.EVENT_NMI, Vmcb.EVENT_SOFTWARE -> true;
      case Vmcb.EVENT_EXCEPTION -> exceptionHolds(vector, block);
      default -> false;
    };
  }

  private static boolean exceptionHolds(int vector, ControlBlock block) {
    boolean longMode = (block.read64(Vmcb.EFER) & Efer.LME) != 0;
    return vector < 32
        && vector != Vector.NMI
        && !(longMode && (vector == Vector.OF || vector == Vector.BR));
  }
}
