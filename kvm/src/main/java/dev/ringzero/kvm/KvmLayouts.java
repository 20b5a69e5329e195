package dev.ringzero.kvm;

import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.MemoryLayout.unionLayout;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.util.List;

/**
 * Layouts of the structures that KVM takes and gives, with the names of the header.
 *
 * @spec Linux include/uapi/linux/kvm.h and arch/x86/include/uapi/asm/kvm.h
 */
final class KvmLayouts {
  /** Name of unions that have none in the header. */
  static final String UNION = "union";

  static final StructLayout KVM_USERSPACE_MEMORY_REGION =
      structLayout(
              u32("slot"),
              u32("flags"),
              u64("guest_phys_addr"),
              u64("memory_size"),
              u64("userspace_addr"))
          .withName("kvm_userspace_memory_region");

  static final StructLayout KVM_DIRTY_LOG =
      structLayout(
              u32("slot"),
              u32("padding1"),
              unionLayout(ADDRESS.withName("dirty_bitmap"), u64("padding2")).withName(UNION))
          .withName("kvm_dirty_log");

  static final StructLayout KVM_REGS =
      structLayout(
              u64("rax"),
              u64("rbx"),
              u64("rcx"),
              u64("rdx"),
              u64("rsi"),
              u64("rdi"),
              u64("rsp"),
              u64("rbp"),
              u64("r8"),
              u64("r9"),
              u64("r10"),
              u64("r11"),
              u64("r12"),
              u64("r13"),
              u64("r14"),
              u64("r15"),
              u64("rip"),
              u64("rflags"))
          .withName("kvm_regs");

  static final StructLayout KVM_SEGMENT =
      structLayout(
              u64("base"),
              u32("limit"),
              u16("selector"),
              u8("type"),
              u8("present"),
              u8("dpl"),
              u8("db"),
              u8("s"),
              u8("l"),
              u8("g"),
              u8("avl"),
              u8("unusable"),
              u8("padding"))
          .withName("kvm_segment");

  private static final StructLayout KVM_DTABLE =
      structLayout(u64("base"), u16("limit"), paddingLayout(6));

  static final StructLayout KVM_SREGS =
      structLayout(
              KVM_SEGMENT.withName("cs"),
              KVM_SEGMENT.withName("ds"),
              KVM_SEGMENT.withName("es"),
              KVM_SEGMENT.withName("fs"),
              KVM_SEGMENT.withName("gs"),
              KVM_SEGMENT.withName("ss"),
              KVM_SEGMENT.withName("tr"),
              KVM_SEGMENT.withName("ldt"),
              KVM_DTABLE.withName("gdt"),
              KVM_DTABLE.withName("idt"),
              u64("cr0"),
              u64("cr2"),
              u64("cr3"),
              u64("cr4"),
              u64("cr8"),
              u64("efer"),
              u64("apic_base"),
              array("interrupt_bitmap", 4, JAVA_LONG))
          .withName("kvm_sregs");

  static final StructLayout KVM_FPU =
      structLayout(
              array("fpr", 128, JAVA_BYTE),
              u16("fcw"),
              u16("fsw"),
              u8("ftwx"),
              u8("pad1"),
              u16("last_opcode"),
              u64("last_ip"),
              u64("last_dp"),
              array("xmm", 256, JAVA_BYTE),
              u32("mxcsr"),
              u32("pad2"))
          .withName("kvm_fpu");

  static final StructLayout KVM_XSAVE =
      structLayout(array("region", 1024, JAVA_INT)).withName("kvm_xsave");

  private static final StructLayout KVM_XCR =
      structLayout(u32("xcr"), u32("reserved"), u64("value"));

  static final StructLayout KVM_XCRS =
      structLayout(
              u32("nr_xcrs"),
              u32("flags"),
              array("xcrs", 16, KVM_XCR),
              array("padding", 16, JAVA_LONG))
          .withName("kvm_xcrs");

  static final StructLayout KVM_DEBUGREGS =
      structLayout(
              array("db", 4, JAVA_LONG),
              u64("dr6"),
              u64("dr7"),
              u64("flags"),
              array("reserved", 9, JAVA_LONG))
          .withName("kvm_debugregs");

  static final StructLayout KVM_GUEST_DEBUG =
      structLayout(
              u32("control"),
              u32("pad"),
              structLayout(array("debugreg", 8, JAVA_LONG)).withName("arch"))
          .withName("kvm_guest_debug");

  static final StructLayout KVM_VCPU_EVENTS =
      structLayout(
              structLayout(
                      u8("injected"),
                      u8("nr"),
                      u8("has_error_code"),
                      u8("pending"),
                      u32("error_code"))
                  .withName("exception"),
              structLayout(u8("injected"), u8("nr"), u8("soft"), u8("shadow"))
                  .withName("interrupt"),
              structLayout(u8("injected"), u8("pending"), u8("masked"), u8("pad")).withName("nmi"),
              u32("sipi_vector"),
              u32("flags"),
              array("smi", 4, JAVA_BYTE),
              paddingLayout(27),
              u8("exception_has_payload"),
              u64("exception_payload"))
          .withName("kvm_vcpu_events");

  static final StructLayout KVM_MSR_ENTRY =
      structLayout(u32("index"), u32("reserved"), u64("data")).withName("kvm_msr_entry");

  static final StructLayout KVM_MSRS = structLayout(u32("nmsrs"), u32("pad")).withName("kvm_msrs");

  static final StructLayout KVM_CPUID2 =
      structLayout(u32("nent"), u32("padding")).withName("kvm_cpuid2");

  static final StructLayout KVM_CPUID_ENTRY2 =
      structLayout(
              u32("function"),
              u32("index"),
              u32("flags"),
              u32("eax"),
              u32("ebx"),
              u32("ecx"),
              u32("edx"),
              array("padding", 3, JAVA_INT))
          .withName("kvm_cpuid_entry2");

  static final StructLayout KVM_TRANSLATION =
      structLayout(
              u64("linear_address"),
              u64("physical_address"),
              u8("valid"),
              u8("writeable"),
              u8("usermode"),
              array("pad", 5, JAVA_BYTE))
          .withName("kvm_translation");

  static final StructLayout KVM_ENABLE_CAP =
      structLayout(
              u32("cap"), u32("flags"), array("args", 4, JAVA_LONG), array("pad", 64, JAVA_BYTE))
          .withName("kvm_enable_cap");

  static final StructLayout KVM_CLOCK_DATA =
      structLayout(
              u64("clock"),
              u32("flags"),
              u32("pad0"),
              u64("realtime"),
              u64("host_tsc"),
              array("pad", 4, JAVA_INT))
          .withName("kvm_clock_data");

  static final StructLayout KVM_LAPIC_STATE =
      structLayout(array("regs", 0x400, JAVA_BYTE)).withName("kvm_lapic_state");

  static final StructLayout KVM_MSI =
      structLayout(
              u32("address_lo"),
              u32("address_hi"),
              u32("data"),
              u32("flags"),
              u32("devid"),
              array("pad", 12, JAVA_BYTE))
          .withName("kvm_msi");

  static final StructLayout KVM_IRQ_ROUTING =
      structLayout(u32("nr"), u32("flags")).withName("kvm_irq_routing");

  static final StructLayout KVM_IRQ_ROUTING_ENTRY =
      structLayout(
              u32("gsi"),
              u32("type"),
              u32("flags"),
              u32("pad"),
              structLayout(
                      structLayout(u32("address_lo"), u32("address_hi"), u32("data"))
                          .withName("msi"),
                      paddingLayout(20))
                  .withName("u"))
          .withName("kvm_irq_routing_entry");

  static final StructLayout KVM_MSR_FILTER_RANGE =
      structLayout(u32("flags"), u32("nmsrs"), u32("base"), paddingLayout(4), u64("bitmap"))
          .withName("kvm_msr_filter_range");

  static final StructLayout KVM_MSR_FILTER =
      structLayout(u32("flags"), paddingLayout(4), array("ranges", 16, KVM_MSR_FILTER_RANGE))
          .withName("kvm_msr_filter");

  static final StructLayout KVM_RUN =
      structLayout(
              u8("request_interrupt_window"),
              u8("immediate_exit"),
              array("padding1", 6, JAVA_BYTE),
              u32("exit_reason"),
              u8("ready_for_interrupt_injection"),
              u8("if_flag"),
              u16("flags"),
              u64("cr8"),
              u64("apic_base"),
              unionLayout(
                      structLayout(u64("hardware_exit_reason")).withName("hw"),
                      structLayout(u64("hardware_entry_failure_reason"), u32("cpu"))
                          .withName("fail_entry"),
                      structLayout(
                              u8("direction"),
                              u8("size"),
                              u16("port"),
                              u32("count"),
                              u64("data_offset"))
                          .withName("io"),
                      structLayout(
                              u64("phys_addr"),
                              array("data", 8, JAVA_BYTE),
                              u32("len"),
                              u8("is_write"))
                          .withName("mmio"),
                      structLayout(u32("suberror"), u32("ndata"), array("data", 16, JAVA_LONG))
                          .withName("internal"),
                      structLayout(
                              u32("suberror"),
                              u32("ndata"),
                              u64("flags"),
                              u8("insn_size"),
                              array("insn_bytes", 15, JAVA_BYTE))
                          .withName("emulation_failure"),
                      structLayout(u8("vector")).withName("eoi"),
                      structLayout(
                              u8("error"),
                              array("pad", 7, JAVA_BYTE),
                              u32("reason"),
                              u32("index"),
                              u64("data"))
                          .withName("msr"),
                      array("padding", 256, JAVA_BYTE))
                  .withName(UNION),
              u64("kvm_valid_regs"),
              u64("kvm_dirty_regs"))
          .withName("kvm_run");

  /** All of them, for the comparison with the C header. */
  static final List<StructLayout> ALL =
      List.of(
          KVM_USERSPACE_MEMORY_REGION,
          KVM_DIRTY_LOG,
          KVM_REGS,
          KVM_SEGMENT,
          KVM_SREGS,
          KVM_FPU,
          KVM_XSAVE,
          KVM_XCRS,
          KVM_DEBUGREGS,
          KVM_GUEST_DEBUG,
          KVM_VCPU_EVENTS,
          KVM_MSR_ENTRY,
          KVM_MSRS,
          KVM_CPUID2,
          KVM_CPUID_ENTRY2,
          KVM_TRANSLATION,
          KVM_ENABLE_CAP,
          KVM_CLOCK_DATA,
          KVM_LAPIC_STATE,
          KVM_MSI,
          KVM_IRQ_ROUTING,
          KVM_IRQ_ROUTING_ENTRY,
          KVM_MSR_FILTER_RANGE,
          KVM_MSR_FILTER,
          KVM_RUN);

  private KvmLayouts() {}

  /** Offset of a member, by its names from the outside in. */
  static long offset(StructLayout layout, String... names) {
    PathElement[] path = new PathElement[names.length];
    for (int i = 0; i < names.length; i++) {
      path[i] = PathElement.groupElement(names[i]);
    }
    return layout.byteOffset(path);
  }

  private static MemoryLayout u8(String name) {
    return JAVA_BYTE.withName(name);
  }

  private static MemoryLayout u16(String name) {
    return JAVA_SHORT.withName(name);
  }

  private static MemoryLayout u32(String name) {
    return JAVA_INT.withName(name);
  }

  private static MemoryLayout u64(String name) {
    return JAVA_LONG.withName(name);
  }

  private static MemoryLayout array(String name, long count, MemoryLayout element) {
    return sequenceLayout(count, element).withName(name);
  }
}
