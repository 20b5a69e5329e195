package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;

/**
 * From an offset in a segment to a linear address.
 *
 * <p>Not modelled: linear addresses of 57 bits; the A20 gate.
 *
 * @spec Intel SDM Vol. 3A, "Limit Checking"; "Type Checking"; "Canonical Addressing"
 */
public final class Segmentation {
  private static final long CANONICAL_BIAS = 1L << 47;

  private Segmentation() {}

  /**
   * The linear address of an access, after the checks of limit, type and canonical form.
   *
   * @param offset truncated to the address size
   * @throws GuestFault #GP(0), or #SS(0) for the stack segment
   */
  public static long linear(Cpu cpu, int segment, long offset, int sizeBytes, boolean write) {
    if (cpu.codeSize == 64) {
      long linear = segment >= Cpu.FS ? cpu.segmentBase[segment] + offset : offset;
      long last = linear + sizeBytes - 1;
      if ((linear + CANONICAL_BIAS | last + CANONICAL_BIAS) >>> 48 != 0) {
        throw fault(cpu, segment);
      }
      return linear;
    }
    return legacy(cpu, segment, offset, sizeBytes, write);
  }

  private static long legacy(Cpu cpu, int segment, long offset, int sizeBytes, boolean write) {
    int access = cpu.segmentAccess[segment];
    long limit = cpu.segmentLimit[segment];
    if (protectedMode(cpu)) {
      checkType(cpu, segment, access, write);
      if ((access & (AccessRights.CODE | AccessRights.EXPAND_DOWN)) == AccessRights.EXPAND_DOWN) {
        checkExpandDown(cpu, segment, offset, sizeBytes);
        return cpu.segmentBase[segment] + offset & 0xFFFF_FFFFL;
      }
    }
    if (offset + sizeBytes - 1 > limit) {
      throw fault(cpu, segment);
    }
    return cpu.segmentBase[segment] + offset & 0xFFFF_FFFFL;
  }

  private static void checkType(Cpu cpu, int segment, int access, boolean write) {
    boolean allowed =
        AccessRights.usable(access)
            && (write
                ? (access & (AccessRights.CODE | AccessRights.WRITABLE)) == AccessRights.WRITABLE
                : (access & (AccessRights.CODE | AccessRights.READABLE)) != AccessRights.CODE);
    if (!allowed) {
      throw fault(cpu, segment);
    }
  }

  private static void checkExpandDown(Cpu cpu, int segment, long offset, int sizeBytes) {
    long upper = (cpu.segmentAccess[segment] & AccessRights.DB) != 0 ? 0xFFFF_FFFFL : 0xFFFF;
    if (offset <= cpu.segmentLimit[segment] || offset + sizeBytes - 1 > upper) {
      throw fault(cpu, segment);
    }
  }

  private static GuestFault fault(Cpu cpu, int segment) {
    return cpu.fault(segment == Cpu.SS ? Vector.SS : Vector.GP, 0);
  }

  /**
   * Checks the target of a branch that stays in the code segment.
   *
   * @throws GuestFault #GP(0)
   */
  public static void checkTarget(Cpu cpu, long target) {
    boolean reachable =
        cpu.codeSize == 64
            ? canonical(target)
            : Long.compareUnsigned(target, cpu.segmentLimit[Cpu.CS]) <= 0;
    if (!reachable) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  /** Whether bits 63:47 are all equal. */
  public static boolean canonical(long linear) {
    return linear << 16 >> 16 == linear;
  }

  /** CR0.PE set, and not in virtual-8086 mode. */
  public static boolean protectedMode(Cpu cpu) {
    return (cpu.cr0 & Cr0.PE) != 0 && (cpu.systemFlags & Rflags.VM) == 0;
  }

  /** Virtual-8086 mode. */
  static boolean virtual8086(Cpu cpu) {
    return (cpu.systemFlags & Rflags.VM) != 0;
  }
}
