package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringzero.x86.CpuidLeaf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;

/**
 * What this host's KVM and its processor can give a guest.
 *
 * @param cpuid what CPUID may answer at most
 * @param tscHertz at which a guest's time-stamp counter ticks
 * @param archCapabilities IA32_ARCH_CAPABILITIES, where there is one
 * @param bestApics where local APICs are kept best
 */
public record KvmHost(
    List<CpuidLeaf> cpuid, long tscHertz, OptionalLong archCapabilities, ApicPlace bestApics) {
  /** System property: {@code kernel} or {@code monitor} in place of what is best. */
  private static final String APICS = "ringzero.kvm.apics";

  private static final int KVM_CAP_TSC_DEADLINE_TIMER = 72;
  private static final int KVM_CAP_GET_MSR_FEATURES = 153;
  private static final int IA32_ARCH_CAPABILITIES = 0x10A;

  /**
   * Looks at this host.
   *
   * @throws KvmException if it has no KVM that can do it; see {@link KvmProbe}
   */
  public static KvmHost look() {
    try (KvmFile system = KvmFile.openSystem();
        KvmFile machine = system.create(Ioctl.KVM_CREATE_VM, 0);
        KvmFile cpu = machine.create(Ioctl.KVM_CREATE_VCPU, 0)) {
      return new KvmHost(
          CpuidTable.supported(system),
          cpu.call(Ioctl.KVM_GET_TSC_KHZ, 0) * 1000L,
          featureMsr(system, IA32_ARCH_CAPABILITIES),
          bestApics(system));
    }
  }

  private static ApicPlace bestApics(KvmFile system) {
    boolean kernels =
        system.has(KernelInterrupts.KVM_CAP_SPLIT_IRQCHIP)
            && system.has(KVM_CAP_TSC_DEADLINE_TIMER);
    return kernels && !System.getProperty(APICS, "kernel").equals("monitor")
        ? ApicPlace.KERNEL
        : ApicPlace.MONITOR;
  }

  private static OptionalLong featureMsr(KvmFile system, int index) {
    if (!system.has(KVM_CAP_GET_MSR_FEATURES)) {
      return OptionalLong.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment msrs =
          arena.allocate(KvmLayouts.KVM_MSRS.byteSize() + KvmLayouts.KVM_MSR_ENTRY.byteSize(), 8);
      msrs.set(JAVA_INT, 0, 1);
      msrs.set(JAVA_INT, 8, index);
      return system.attempt(Ioctl.KVM_GET_MSRS, msrs.address()) == 1
          ? OptionalLong.of(msrs.get(JAVA_LONG, 16))
          : OptionalLong.empty();
    }
  }
}
