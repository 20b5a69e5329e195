package dev.ringzero.vmm.cpuid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.level.Intercept;
import dev.ringzero.x86.Cr4;
import org.junit.jupiter.api.Test;

final class ProcessorLimitsTest {
  @Test
  void theModelsOfOursLackNothingThatCanBeHeldBack() {
    for (String name : CpuModels.names()) {
      ProcessorLimits limits = ProcessorLimits.of(CpuModels.parse(name + ",+pku,+pks"));
      assertThat(limits.instructions()).as(name).isEmpty();
      assertThat(limits.controls()).as(name).isZero();
    }
  }

  @Test
  void whatIsLeftOutIsUndefinedAndReserved() {
    ProcessorLimits limits = ProcessorLimits.of(CpuModels.parse("amd,-pcid,+pku,-smap,+pks"));
    assertThat(limits.instructions()).containsExactly(Intercept.INVPCID);
    assertThat(limits.controls()).isEqualTo(Cr4.PCIDE | Cr4.SMAP);
  }
}
