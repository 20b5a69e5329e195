package dev.ringzero.vmm.cpuid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.x86.CpuidLeaf;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostModelTest {
  private static final int ALL = -1;

  private static CpuidLeaf leaf(int function, int eax, int ebx, int ecx, int edx) {
    return new CpuidLeaf(function, 0, false, eax, ebx, ecx, edx);
  }

  /** An AMD processor with 40 address bits and everything but SMAP, in leaf 7, and XSAVE. */
  private final HostModel host =
      new HostModel(
          List.of(
              leaf(0, 0x10, 0x6874_7541, 0x444D_4163, 0x6974_6E65),
              leaf(1, 0x0080_0F12, 0, ~(1 << 26), ALL),
              leaf(7, 2, ~(1 << 20), ALL, ALL),
              leaf(0x4000_0001, 0x0100_00FB, 0, 0, 0),
              leaf(0x8000_0001, 0, 0, ALL, ALL),
              leaf(0x8000_0008, 0x3028, 0, 0, 0)));

  @Test
  void modelIsOfTheHostsMakerAndPromisesWhatTheHostHas() {
    CpuModel model = host.of(CpuModel.DEFAULT);
    assertThat(model.vendor()).isEqualTo("AuthenticAMD");
    assertThat(model.signature()).isEqualTo(0x0080_0F12);
    assertThat(model.has(CpuFeature.SMEP)).isTrue();
    assertThat(model.has(CpuFeature.SMAP)).isFalse();
  }

  @Test
  void whatNeedsAMissingFeatureIsMissingToo() {
    CpuModel model = host.of(CpuModel.DEFAULT);
    assertThat(model.has(CpuFeature.XSAVE)).isFalse();
    assertThat(model.has(CpuFeature.AVX2)).isFalse();
  }

  @Test
  void whatTheMonitorGivesNeedsNoHost() {
    CpuidLeaf vendor = leaf(0, 1, 0x2020_2020, 0x2020_2020, 0x2020_2020);
    CpuidLeaf counterAndApic = leaf(1, 0, 0, 0, 1 << 4 | 1 << 9);
    CpuModel model = new HostModel(List.of(vendor, counterAndApic)).of(CpuModel.DEFAULT);
    assertThat(model.features())
        .contains(CpuFeature.HYPERVISOR, CpuFeature.X2APIC, CpuFeature.TSC_DEADLINE)
        .doesNotContain(CpuFeature.SSE2, CpuFeature.LM);
  }

  @Test
  void addressesAreNoWiderThanTheHosts() {
    assertThat(host.physicalBits()).isEqualTo(40);
    assertThat(new HostModel(List.of()).physicalBits()).isEqualTo(46);
  }

  @Test
  void guestFindsTheClockOfKvm() {
    Cpuid cpuid = new Cpuid(host.of(CpuModel.DEFAULT), 2, 2_000_000_000L, 1_000_000_000L, 40);
    List<CpuidLeaf> table = host.table(cpuid);
    CpuidLeaf signature = find(table, 0x4000_0000);
    assertThat(signature.eax()).isEqualTo(0x4000_0001);
    assertThat(signature.ebx()).isEqualTo(0x4B4D_564B);
    assertThat(find(table, 0x4000_0001).eax()).isEqualTo(0x0100_000B);
    assertThat(find(table, 0x8000_0008).eax()).isEqualTo(0x3028);
    assertThat(table.stream().filter(leaf -> leaf.function() == 0xB)).hasSize(3);
  }

  private static CpuidLeaf find(List<CpuidLeaf> table, int function) {
    return table.stream().filter(leaf -> leaf.answers(function, 0)).findFirst().orElseThrow();
  }
}
