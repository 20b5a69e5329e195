package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Vector;

/**
 * From an offset in a segment to a linear address.
 *
 * @spec Intel SDM Vol. 3A, "Protected-Mode Memory Management"
 */
public final class Segmentation {
  private Segmentation() {}

  /**
   * The linear address of an access, after the checks of limit, type and canonical form.
   *
   * @param offset truncated to the address size
   * @throws dev.ringzero.cpu.GuestFault #GP(0), or #SS(0) for the stack segment
   */
  public static long linear(Cpu cpu, int segment, long offset, int sizeBytes, boolean write) {
    if (cpu.codeSize == 64) {
      long linear = segment >= Cpu.FS ? cpu.segmentBase[segment] + offset : offset;
      long last = linear + sizeBytes - 1;
      if (!canonical(linear) || !canonical(last)) {
        throw cpu.fault(segment == Cpu.SS ? Vector.SS : Vector.GP, 0);
      }
      return linear;
    }
    return legacy(cpu, segment, offset, sizeBytes, write);
  }

  private static long legacy(Cpu cpu, int segment, long offset, int sizeBytes, boolean write) {
    return cpu.segmentBase[segment] + offset & 0xFFFF_FFFFL;
  }

  private static boolean canonical(long linear) {
    return linear << 16 >> 16 == linear;
  }
}
