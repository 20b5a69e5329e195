package dev.ringzero.vmm.cpuid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class CpuModelsTest {
  @Test
  void featuresBehindANameAreLeftOutWithWhatNeedsThem() {
    CpuModel model = CpuModels.parse("amd,-pcid,-x2apic");

    assertThat(model.has(CpuFeature.SVM)).isTrue();
    assertThat(model.has(CpuFeature.X2APIC)).isFalse();
    assertThat(model.has(CpuFeature.INVPCID)).as("needs PCID").isFalse();
  }

  @Test
  void whatIsUnknownIsSaidInWords() {
    assertThatThrownBy(() -> CpuModels.parse("z80"))
        .hasMessage("takes ringzero-v1, intel, amd, not z80");
    assertThatThrownBy(() -> CpuModels.parse("intel,pcid")).hasMessageContaining("not pcid");
    assertThatThrownBy(() -> CpuModels.parse("intel,-warp")).hasMessageContaining("not -warp");
  }
}
