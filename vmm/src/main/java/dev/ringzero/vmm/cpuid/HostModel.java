package dev.ringzero.vmm.cpuid;

import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.CpuidLeaf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A processor model on a host's own processor: what the model promises and the host can keep, as a
 * processor of the host's maker, family and address width; and the clock of KVM.
 *
 * @spec Linux Documentation/virt/kvm/x86/cpuid.rst
 */
public final class HostModel {
  /** What RingZero's local APIC and monitor give, whatever the processor has. */
  private static final Set<CpuFeature> OURS =
      EnumSet.of(
          CpuFeature.X2APIC, CpuFeature.TSC_DEADLINE, CpuFeature.HYPERVISOR, CpuFeature.ARAT);

  private static final int KVM_CPUID_SIGNATURE = 0x4000_0000;
  private static final int KVM_CPUID_FEATURES = 0x4000_0001;
  private static final String KVM_SIGNATURE = "KVMKVMKVM\0\0\0";
  private static final int KVM_FEATURE_CLOCKSOURCE = 1 << 0;
  private static final int KVM_FEATURE_NOP_IO_DELAY = 1 << 1;
  private static final int KVM_FEATURE_CLOCKSOURCE2 = 1 << 3;
  private static final int KVM_FEATURE_CLOCKSOURCE_STABLE_BIT = 1 << 24;
  private static final int KVM_FEATURES =
      KVM_FEATURE_CLOCKSOURCE
          | KVM_FEATURE_NOP_IO_DELAY
          | KVM_FEATURE_CLOCKSOURCE2
          | KVM_FEATURE_CLOCKSOURCE_STABLE_BIT;

  private final List<CpuidLeaf> host;

  /** What the host's CPUID can answer at most. */
  public HostModel(List<CpuidLeaf> host) {
    this.host = List.copyOf(host);
  }

  /** The model as far as the host has it. */
  public CpuModel of(CpuModel model) {
    CpuFeature[] missing =
        model.features().stream()
            .filter(feature -> !OURS.contains(feature) && !has(feature))
            .toArray(CpuFeature[]::new);
    CpuModel less = model.without(missing);
    CpuidLeaf vendor = leaf(0, 0);
    return new CpuModel(
        less.name(),
        text(vendor.ebx(), vendor.edx(), vendor.ecx()),
        less.brand(),
        leaf(1, 0).eax(),
        less.features());
  }

  private boolean has(CpuFeature feature) {
    CpuidLeaf leaf = leaf(feature.leaf, feature.subleaf);
    int word =
        switch (feature.output) {
          case EAX -> leaf.eax();
          case EBX -> leaf.ebx();
          case ECX -> leaf.ecx();
          case EDX -> leaf.edx();
        };
    return (word >>> feature.bit & 1) != 0;
  }

  private CpuidLeaf leaf(int function, int index) {
    return host.stream()
        .filter(leaf -> leaf.answers(function, index))
        .findFirst()
        .orElse(new CpuidLeaf(function, index, false, 0, 0, 0, 0));
  }

  private static String text(int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : words) {
      bytes.putInt(word);
    }
    return new String(bytes.array(), StandardCharsets.US_ASCII);
  }

  /** Physical address bits of guests: those of the host, no more than ours. */
  public int physicalBits() {
    int bits = leaf(0x8000_0008, 0).eax() & 0xFF;
    return bits == 0 ? AddressWidth.PHYSICAL_BITS : Math.min(bits, AddressWidth.PHYSICAL_BITS);
  }

  /** All answers of a machine, with KVM's own leaves in place of ours. */
  public List<CpuidLeaf> table(Cpuid cpuid) {
    List<CpuidLeaf> table = new ArrayList<>(cpuid.table());
    table.removeIf(leaf -> leaf.function() >>> 8 == KVM_CPUID_SIGNATURE >>> 8);
    ByteBuffer signature =
        ByteBuffer.wrap(KVM_SIGNATURE.getBytes(StandardCharsets.US_ASCII))
            .order(ByteOrder.LITTLE_ENDIAN);
    table.add(
        new CpuidLeaf(
            KVM_CPUID_SIGNATURE,
            0,
            false,
            KVM_CPUID_FEATURES,
            signature.getInt(0),
            signature.getInt(4),
            signature.getInt(8)));
    int features = leaf(KVM_CPUID_FEATURES, 0).eax() & KVM_FEATURES;
    table.add(new CpuidLeaf(KVM_CPUID_FEATURES, 0, false, features, 0, 0, 0));
    return table;
  }
}
