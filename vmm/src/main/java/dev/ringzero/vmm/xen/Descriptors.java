package dev.ringzero.vmm.xen;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;

/**
 * Segment descriptors of a paravirtual guest: code and data at privilege level 3, and nothing that
 * leads anywhere else.
 *
 * @spec Xen, arch/x86/pv/descriptor-tables.c; Intel SDM Vol. 3A, "Segment Descriptors"
 */
final class Descriptors {
  private static final long PRESENT = 1L << 47;
  private static final long CODE_OR_DATA = 1L << 44;
  private static final long TYPE = 0xFL << 40;
  private static final long ACCESSED = 1L << 40;
  private static final long PRIVILEGE_3 = 3L << 45;

  /** Flat segments for 64-bit code, 32-bit code, and data; the guest finds them in every GDT. */
  static final long FLAT_CODE_64 = 0x00AF_FB00_0000_FFFFL;

  static final long FLAT_CODE_32 = 0x00CF_FB00_0000_FFFFL;
  static final long FLAT_DATA = 0x00CF_F300_0000_FFFFL;

  private Descriptors() {}

  static void validate(long mfn) {
    for (int index = 0; index < 512; index++) {
      long hpa = (mfn << FramePool.FRAME_SHIFT) + index * 8L;
      long descriptor = MachineMemory.read64(hpa);
      long checked = checked(descriptor);
      if (checked != descriptor) {
        MachineMemory.write64(hpa, checked);
      }
    }
  }

  /** The descriptor as the guest may have it. */
  static long checked(long descriptor) {
    if ((descriptor & PRESENT) == 0) {
      return descriptor;
    }
    if ((descriptor & CODE_OR_DATA) != 0) {
      return descriptor | PRIVILEGE_3 | ACCESSED;
    }
    if ((descriptor & TYPE) == 0) {
      return descriptor | PRIVILEGE_3;
    }
    throw XenError.INVALID;
  }
}
