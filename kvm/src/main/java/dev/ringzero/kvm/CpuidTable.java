package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.ringzero.x86.CpuidLeaf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** CPUID of a guest: what the monitor wants, as far as this host can do it. */
final class CpuidTable {
  private static final int MOST_LEAVES = 256;
  private static final int SIGNIFICANT_INDEX = 1; // KVM_CPUID_FLAG_SIGNIFCANT_INDEX
  private static final int OURS = 1 << 21 | 1 << 24 | 1 << 31; // x2APIC, TSC deadline, hypervisor
  private static final int HTT = 1 << 28; // more than one processor
  private static final int AUTH = 0x6874_7541; // the first word of AuthenticAMD
  private static final CpuidLeaf NOTHING = new CpuidLeaf(0, 0, false, 0, 0, 0, 0);
  private static final long HEADER_BYTES = KvmLayouts.KVM_CPUID2.byteSize();
  private static final long ENTRY_BYTES = KvmLayouts.KVM_CPUID_ENTRY2.byteSize();
  private static final long FUNCTION = entry("function");
  private static final long INDEX = entry("index");
  private static final long FLAGS = entry("flags");
  private static final long EAX = entry("eax");
  private static final long EBX = entry("ebx");
  private static final long ECX = entry("ecx");
  private static final long EDX = entry("edx");

  private final List<CpuidLeaf> leaves;

  private CpuidTable(List<CpuidLeaf> leaves) {
    this.leaves = leaves;
  }

  private static long entry(String name) {
    return KvmLayouts.offset(KvmLayouts.KVM_CPUID_ENTRY2, name);
  }

  /** Masks the leaves that are wanted; all that the host supports where none are. */
  static CpuidTable of(List<CpuidLeaf> wanted, List<CpuidLeaf> supported) {
    return new CpuidTable(wanted.isEmpty() ? supported : masked(wanted, supported));
  }

  static List<CpuidLeaf> masked(List<CpuidLeaf> wanted, List<CpuidLeaf> supported) {
    return wanted.stream()
        .map(leaf ->
            masked(
                leaf,
                supported.stream()
                    .filter(other -> other.answers(leaf.function(), leaf.index()))
                    .findFirst()
                    .orElse(NOTHING)))
        .toList();
  }

  /** The leaf with only those features that the host has, or that are ours to give. */
  private static CpuidLeaf masked(CpuidLeaf leaf, CpuidLeaf host) {
    int eax = leaf.eax();
    int ebx = leaf.ebx();
    int ecx = leaf.ecx();
    int edx = leaf.edx();
    return switch (leaf.function()) {
      case 1 -> leaf.with(eax, ebx, ecx & (host.ecx() | OURS), edx & (host.edx() | HTT));
      case 7 ->
          leaf.with(
              leaf.index() == 0 ? eax : eax & host.eax(),
              ebx & host.ebx(),
              ecx & host.ecx(),
              edx & host.edx());
      case 0xD ->
          switch (leaf.index()) {
            case 0 -> leaf.with(eax & host.eax(), ebx, ecx, edx & host.edx());
            case 1 -> leaf.with(eax & host.eax(), ebx, ecx, edx);
            default -> leaf;
          };
      case 0x8000_0001 -> leaf.with(eax, ebx, ecx & host.ecx(), edx & host.edx());
      default -> leaf;
    };
  }

  static List<CpuidLeaf> supported(KvmFile system) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate(HEADER_BYTES + MOST_LEAVES * ENTRY_BYTES, 8);
      table.set(JAVA_INT, 0, MOST_LEAVES);
      system.call(Ioctl.KVM_GET_SUPPORTED_CPUID, table);
      List<CpuidLeaf> leaves = new ArrayList<>();
      for (int i = 0; i < table.get(JAVA_INT, 0); i++) {
        leaves.add(read(table.asSlice(HEADER_BYTES + i * ENTRY_BYTES, ENTRY_BYTES)));
      }
      return leaves;
    }
  }

  private static CpuidLeaf read(MemorySegment entry) {
    return new CpuidLeaf(
        entry.get(JAVA_INT, FUNCTION),
        entry.get(JAVA_INT, INDEX),
        (entry.get(JAVA_INT, FLAGS) & SIGNIFICANT_INDEX) != 0,
        entry.get(JAVA_INT, EAX),
        entry.get(JAVA_INT, EBX),
        entry.get(JAVA_INT, ECX),
        entry.get(JAVA_INT, EDX));
  }

  /** What EDX holds after a reset: family, model and stepping. */
  int signature() {
    return leaves.stream()
        .filter(leaf -> leaf.function() == 1)
        .mapToInt(CpuidLeaf::eax)
        .findFirst()
        .orElse(0x600);
  }

  boolean isAmd() {
    return leaves.stream().anyMatch(leaf -> leaf.function() == 0 && leaf.ebx() == AUTH);
  }

  void give(KvmFile cpu, int apicId) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate(HEADER_BYTES + leaves.size() * ENTRY_BYTES, 8);
      table.set(JAVA_INT, 0, leaves.size());
      for (int i = 0; i < leaves.size(); i++) {
        write(
            table.asSlice(HEADER_BYTES + i * ENTRY_BYTES, ENTRY_BYTES),
            forProcessor(leaves.get(i), apicId));
      }
      cpu.call(Ioctl.KVM_SET_CPUID2, table);
    }
  }

  /** The leaf as the processor with this APIC ID sees it. */
  private static CpuidLeaf forProcessor(CpuidLeaf leaf, int apicId) {
    return switch (leaf.function()) {
      case 1 ->
          leaf.with(leaf.eax(), leaf.ebx() & 0x00FF_FFFF | apicId << 24, leaf.ecx(), leaf.edx());
      case 0xB, 0x1F -> leaf.with(leaf.eax(), leaf.ebx(), leaf.ecx(), apicId);
      default -> leaf;
    };
  }

  private static void write(MemorySegment entry, CpuidLeaf leaf) {
    entry.set(JAVA_INT, FUNCTION, leaf.function());
    entry.set(JAVA_INT, INDEX, leaf.index());
    entry.set(JAVA_INT, FLAGS, leaf.indexed() ? SIGNIFICANT_INDEX : 0);
    entry.set(JAVA_INT, EAX, leaf.eax());
    entry.set(JAVA_INT, EBX, leaf.ebx());
    entry.set(JAVA_INT, ECX, leaf.ecx());
    entry.set(JAVA_INT, EDX, leaf.edx());
  }
}
