package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Which model-specific registers the monitor holds in place of KVM: those of the local APIC where
 * that is ours. Accesses of registers that KVM does not know, or refuses, come to the monitor too.
 *
 * @spec Linux Documentation/virt/kvm/api.rst, "KVM_X86_SET_MSR_FILTER"
 */
final class MsrFilter {
  private static final int KVM_CAP_X86_USER_SPACE_MSR = 188;
  private static final int KVM_CAP_X86_MSR_FILTER = 189;
  private static final long INVALID_UNKNOWN_AND_FILTERED = 7; // KVM_MSR_EXIT_REASON_*
  private static final int READ_AND_WRITE = 3; // KVM_MSR_FILTER_READ, _WRITE
  private static final int[] OURS = {0x1B, 0x6E0}; // IA32_APIC_BASE, IA32_TSC_DEADLINE
  private static final long RANGES = KvmLayouts.offset(KvmLayouts.KVM_MSR_FILTER, "ranges");
  private static final long RANGE_BYTES = KvmLayouts.KVM_MSR_FILTER_RANGE.byteSize();

  private MsrFilter() {}

  static void apply(KvmFile system, KvmFile machine, ApicPlace apics) {
    if (!system.has(KVM_CAP_X86_USER_SPACE_MSR) || !system.has(KVM_CAP_X86_MSR_FILTER)) {
      throw new KvmException("this kernel's KVM hands no MSR to its user: Linux 5.10 is needed");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment capability = arena.allocate(KvmLayouts.KVM_ENABLE_CAP);
      capability.set(JAVA_INT, 0, KVM_CAP_X86_USER_SPACE_MSR);
      long argument = KvmLayouts.offset(KvmLayouts.KVM_ENABLE_CAP, "args");
      capability.set(JAVA_LONG, argument, INVALID_UNKNOWN_AND_FILTERED);
      machine.call(Ioctl.KVM_ENABLE_CAP, capability);
      if (apics == ApicPlace.MONITOR) {
        machine.call(Ioctl.KVM_X86_SET_MSR_FILTER, filter(arena));
      }
    }
  }

  /** One range a register; a clear bit of its bitmap filters it. */
  private static MemorySegment filter(Arena arena) {
    MemorySegment filter = arena.allocate(KvmLayouts.KVM_MSR_FILTER);
    for (int i = 0; i < OURS.length; i++) {
      MemorySegment range = filter.asSlice(RANGES + i * RANGE_BYTES, RANGE_BYTES);
      range.set(JAVA_INT, 0, READ_AND_WRITE);
      range.set(JAVA_INT, range("nmsrs"), 1);
      range.set(JAVA_INT, range("base"), OURS[i]);
      range.set(JAVA_LONG, range("bitmap"), arena.allocate(JAVA_LONG).address());
    }
    return filter;
  }

  private static long range(String name) {
    return KvmLayouts.offset(KvmLayouts.KVM_MSR_FILTER_RANGE, name);
  }
}
