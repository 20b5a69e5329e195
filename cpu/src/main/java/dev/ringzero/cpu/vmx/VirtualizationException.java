package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * #VE: an EPT violation that the guest itself handles.
 *
 * <pre>
 *   0  exit reason (32 bits) | 4  all ones while the guest handles one (32 bits)
 *   8  exit qualification
 *  16  guest linear address
 *  24  guest-physical address
 *  32  EPTP index (16 bits)
 * </pre>
 *
 * @spec Intel SDM Vol. 3C, "Virtualization Exceptions"
 */
final class VirtualizationException {
  private static final long BUSY = 4;
  private static final long QUALIFICATION = 8;
  private static final long LINEAR = 16;
  private static final long PHYSICAL = 24;
  private static final long INDEX = 32;

  private final Cpu cpu;
  private final VmxLevel level;
  private long qualification;
  private long linear;
  private long gpa;

  VirtualizationException(Cpu cpu, VmxLevel level) {
    this.cpu = cpu;
    this.level = level;
  }

  private long area() {
    return level.vmx.vmcs.get(VmcsField.VIRTUALIZATION_EXCEPTION_ADDRESS);
  }

  /** Whether a violation becomes an exception; the walk is the one that failed. */
  boolean convertible() {
    return level.secondary(SecondaryControls.EPT_VIOLATION_VE)
        && !level.ept.exceptionSuppressed
        && (cpu.cr0 & Cr0.PE) != 0
        && !cpu.system.delivering
        && level.vmx.memory().read32(area() + BUSY) == 0;
  }

  /** Remembers a violation; the access may be tried again before the exception is raised. */
  void remember(long violation, long linearAddress, long physicalAddress) {
    qualification = violation;
    linear = linearAddress;
    gpa = physicalAddress;
  }

  /** The exception is raised: tells the guest of the violation. */
  void record() {
    GuestMemory memory = level.vmx.memory();
    long area = area();
    memory.write32(area, ExitReason.EPT_VIOLATION.number());
    memory.write32(area + BUSY, 0xFFFF_FFFFL);
    memory.write64(area + QUALIFICATION, qualification);
    memory.write64(area + LINEAR, linear);
    memory.write64(area + PHYSICAL, gpa);
    memory.write16(area + INDEX, level.vmx.vmcs.get(VmcsField.EPTP_INDEX));
  }
}
