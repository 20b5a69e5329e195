package dev.ringzero.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AmdRegistersTest {
  private final AmdRegisters registers = new AmdRegisters();

  @Test
  void onlyAmdHasThem() {
    assertThat(registers.holds(0xC001_0000)).isFalse();
    registers.enable();
    assertThat(registers.holds(0xC001_0000)).isTrue();
    assertThat(registers.holds(0xC001_0008)).isFalse();
  }

  @Test
  void configurationIsKeptAndCountersAreNot() {
    registers.enable();
    registers.write(0xC001_0010, 0x1234);
    registers.write(0xC001_0004, 0x1234);
    assertThat(registers.read(0xC001_0010)).isEqualTo(0x1234);
    assertThat(registers.read(0xC001_0004)).isZero();
  }
}
