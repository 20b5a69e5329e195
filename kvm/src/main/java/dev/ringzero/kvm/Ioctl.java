package dev.ringzero.kvm;

/**
 * The calls that KVM takes, with their numbers on x86-64.
 *
 * @spec Linux Documentation/virt/kvm/api.rst, "API description"
 */
enum Ioctl {
  KVM_GET_API_VERSION(0xAE00, "this is no KVM device; check /dev/kvm"),
  KVM_CREATE_VM(0xAE01, "another hypervisor may hold the processor, or memory is short"),
  KVM_GET_MSR_INDEX_LIST(0xC004_AE02L, "update the host's kernel"),
  KVM_CHECK_EXTENSION(0xAE03, "update the host's kernel"),
  KVM_GET_VCPU_MMAP_SIZE(0xAE04, "update the host's kernel"),
  KVM_GET_SUPPORTED_CPUID(0xC008_AE05L, "update the host's kernel"),
  KVM_GET_DIRTY_LOG(0x4010_AE42L, "stop the machine"),
  KVM_CREATE_VCPU(0xAE41, "use fewer vCPUs, or free memory of the host"),
  KVM_SET_USER_MEMORY_REGION(0x4020_AE46L, "give the guest less RAM"),
  KVM_SET_GSI_ROUTING(0x4008_AE6AL, "update the host's kernel"),
  KVM_SET_TSS_ADDR(0xAE47, "update the host's kernel"),
  KVM_SET_IDENTITY_MAP_ADDR(0x4008_AE48L, "update the host's kernel"),
  KVM_RUN(0xAE80, "use the software engine for this guest"),
  KVM_GET_REGS(0x8090_AE81L, "stop the machine"),
  KVM_SET_REGS(0x4090_AE82L, "a register has a value that KVM does not take"),
  KVM_GET_SREGS(0x8138_AE83L, "stop the machine"),
  KVM_SET_SREGS(0x4138_AE84L, "a segment or control register has a value that KVM does not take"),
  KVM_TRANSLATE(0xC018_AE85L, "stop the machine"),
  KVM_INTERRUPT(0x4004_AE86L, "stop the machine"),
  KVM_GET_MSRS(0xC008_AE88L, "this host's KVM does not hold that register"),
  KVM_SET_MSRS(0x4008_AE89L, "this host's KVM does not take that value or register"),
  KVM_GET_FPU(0x81A0_AE8CL, "stop the machine"),
  KVM_SET_FPU(0x41A0_AE8DL, "the x87 or SSE state has a value that KVM does not take"),
  KVM_GET_LAPIC(0x8400_AE8EL, "stop the machine"),
  KVM_SET_LAPIC(0x4400_AE8FL, "the local APIC has a value that KVM does not take"),
  KVM_SET_CPUID2(0x4008_AE90L, "use the processor features that this host supports"),
  KVM_GET_MP_STATE(0x8004_AE98L, "stop the machine"),
  KVM_SET_MP_STATE(0x4004_AE99L, "a processor waits for what KVM does not know"),
  KVM_NMI(0xAE9A, "update the host's kernel"),
  KVM_SET_GUEST_DEBUG(0x4048_AE9BL, "use the software engine to debug this guest"),
  KVM_GET_VCPU_EVENTS(0x8040_AE9FL, "stop the machine"),
  KVM_SET_VCPU_EVENTS(0x4040_AEA0L, "an event has a value that KVM does not take"),
  KVM_GET_DEBUGREGS(0x8080_AEA1L, "stop the machine"),
  KVM_SET_DEBUGREGS(0x4080_AEA2L, "a debug register has a value that KVM does not take"),
  KVM_SET_CLOCK(0x4030_AE7BL, "stop the machine"),
  KVM_GET_CLOCK(0x8030_AE7CL, "stop the machine"),
  KVM_GET_TSC_KHZ(0xAEA3, "update the host's kernel"),
  KVM_ENABLE_CAP(0x4068_AEA3L, "update the host's kernel"),
  KVM_GET_XSAVE(0x9000_AEA4L, "stop the machine"),
  KVM_SET_XSAVE(0x5000_AEA5L, "the extended state has a value that KVM does not take"),
  KVM_SIGNAL_MSI(0x4020_AEA5L, "update the host's kernel"),
  KVM_GET_XCRS(0x8188_AEA6L, "this host has no XSAVE"),
  KVM_SET_XCRS(0x4188_AEA7L, "XCR0 asks for a state that this host does not have"),
  KVM_X86_SET_MSR_FILTER(0x4188_AEC6L, "update the host's kernel to Linux 5.10 or newer");

  final long number;
  final String advice;

  Ioctl(long number, String advice) {
    this.number = number;
    this.advice = advice;
  }
}
