package dev.ringzero.cpu.vmx;

import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Ept;

/**
 * What an EPT pointer may be.
 *
 * @spec Intel SDM Vol. 3C, "Extended-Page-Table Pointer (EPTP)"
 */
final class EptPointer {
  private static final long MEMORY_TYPE = 7;
  private static final long WALK_LENGTH = 7L << 3;
  private static final long RESERVED = 0xF80;

  private EptPointer() {}

  static boolean valid(long pointer) {
    long type = pointer & MEMORY_TYPE;
    return (type == 0 || type == Ept.POINTER_WRITE_BACK)
        && (pointer & WALK_LENGTH) == Ept.POINTER_FOUR_LEVELS
        && (pointer & RESERVED) == 0
        && pointer >>> AddressWidth.PHYSICAL_BITS == 0;
  }
}
