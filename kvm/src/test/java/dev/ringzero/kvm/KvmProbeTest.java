package dev.ringzero.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KvmProbeTest {
  @Test
  void eachHostGetsOneSentence() {
    KvmProbe.Result result = KvmProbe.probe();
    System.out.println("KVM is " + result.verdict() + ": " + result.words());
    assertThat(result.words()).isNotBlank().doesNotContain("\n");
  }

  @Test
  void guestThatRunsOnAProcessorWithoutVirtualizationIsNotEnough() {
    assertThat(KvmProbe.judge(true, false).verdict()).isEqualTo(KvmProbe.Verdict.PARTIAL);
    assertThat(KvmProbe.judge(false, true).verdict()).isEqualTo(KvmProbe.Verdict.PARTIAL);
    assertThat(KvmProbe.judge(true, true).verdict()).isEqualTo(KvmProbe.Verdict.USABLE);
  }
}
