package dev.ringzero.x86;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExitWordsTest {
  @Test
  void qualificationsAreToldAsTheManualHasThem() {
    assertThat(ExitWords.of(ExitReason.CR_ACCESS, 3 | 1 << 8)).isEqualTo("mov cr3, rcx");
    assertThat(ExitWords.of(ExitReason.CR_ACCESS, 8 | 1 << 4)).isEqualTo("mov rax, cr8");
    assertThat(ExitWords.of(ExitReason.IO_INSTRUCTION, 0x3F8L << 16 | 8))
        .isEqualTo("in port 3f8, 1 bytes");
    assertThat(ExitWords.of(ExitReason.EPT_VIOLATION, 2 | 5 << 3))
        .isEqualTo("write, allowed read+execute");
    assertThat(ExitWords.of(ExitReason.APIC_ACCESS, 0x10B0)).isEqualTo("offset b0, write");
    assertThat(ExitWords.of(ExitReason.CPUID, 0)).isEmpty();
  }

  @Test
  void eventsAreToldWithTheirErrorCode() {
    assertThat(ExitWords.event(0, 0)).isEmpty();
    assertThat(ExitWords.event(0x8000_0B0E, 2)).isEqualTo("exception 0e error 2");
    assertThat(ExitWords.event(0x8000_0051, 0)).isEqualTo("external interrupt 51");
  }

  @Test
  void exitInformationOfAmdIsTold() {
    assertThat(ExitWords.ofSvm(SvmExitCode.IOIO, 0x3F8L << 16 | 1 << 4 | 1, 0))
        .isEqualTo("in port 3f8, 1 bytes");
    assertThat(ExitWords.ofSvm(SvmExitCode.NPF, 6, 0x1000))
        .isEqualTo("write not present, gpa 1000");
    assertThat(ExitWords.ofSvm(SvmExitCode.CPUID, 0, 0)).isEmpty();
  }
}
