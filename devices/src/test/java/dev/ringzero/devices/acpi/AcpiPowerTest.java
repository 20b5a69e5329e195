package dev.ringzero.devices.acpi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.FakePower;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.FakeLine;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import org.junit.jupiter.api.Test;

class AcpiPowerTest {
  private static final int STATUS = 0;
  private static final int ENABLE = 2;
  private static final int CONTROL = 4;
  private static final int TIMER = 8;
  private static final int GPE_STATUS = 0x20;
  private static final int GPE_ENABLE = 0x22;
  private static final int POWER_BUTTON = 1 << 8;
  private static final long SECOND = 1_000_000_000;

  private final FakeClock clock = new FakeClock();
  private final FakeLine sci = new FakeLine();
  private final FakePower power = new FakePower();
  private final AcpiPower acpi = new AcpiPower(clock, sci, power);

  @Test
  void timerCountsAtItsFixedRate() {
    clock.advance(SECOND);
    assertThat(acpi.readPort(TIMER, 4)).isEqualTo(3_579_545);
  }

  @Test
  void timerSetsItsStatusWhenTheTopBitChanges() {
    acpi.writePort(ENABLE, 2, 1);
    clock.advance(599 * SECOND);
    assertThat(sci.isAsserted()).isFalse();
    clock.advance(SECOND);
    assertThat(sci.isAsserted()).isTrue();
    acpi.writePort(STATUS, 2, 1);
    assertThat(sci.isAsserted()).isFalse();
    clock.advance(600 * SECOND);
    assertThat(sci.isAsserted()).isTrue();
  }

  @Test
  void machineIsInAcpiModeFromTheStart() {
    assertThat(acpi.readPort(CONTROL, 2) & 1).isEqualTo(1);
    acpi.writePort(CONTROL, 2, 0);
    assertThat(acpi.readPort(CONTROL, 2) & 1).isEqualTo(1);
  }

  @Test
  void sleepTypeFiveSwitchesOff() {
    acpi.writePort(CONTROL, 2, 3 << 10 | 1 << 13);
    assertThat(power.powerOffs()).isZero();
    acpi.writePort(CONTROL, 2, 5 << 10);
    assertThat(power.powerOffs()).isZero();
    acpi.writePort(CONTROL, 2, 5 << 10 | 1 << 13);
    assertThat(power.powerOffs()).isEqualTo(1);
  }

  @Test
  void powerButtonInterruptsWhenEnabledUntilCleared() {
    acpi.pressPowerButton();
    assertThat(sci.isAsserted()).isFalse();
    acpi.writePort(ENABLE, 2, POWER_BUTTON);
    assertThat(sci.isAsserted()).isTrue();
    assertThat(acpi.readPort(STATUS, 2)).isEqualTo(POWER_BUTTON);
    acpi.writePort(STATUS, 2, POWER_BUTTON);
    assertThat(sci.isAsserted()).isFalse();
  }

  @Test
  void generalPurposeEventInterruptsWhenEnabled() {
    acpi.writePort(GPE_ENABLE, 2, 1 << 3);
    acpi.generalEvent(2);
    assertThat(sci.isAsserted()).isFalse();
    acpi.generalEvent(3);
    assertThat(sci.isAsserted()).isTrue();
    assertThat(acpi.readPort(GPE_STATUS, 1)).isEqualTo(0x0C);
    acpi.writePort(GPE_STATUS, 1, 0xFF);
    assertThat(sci.isAsserted()).isFalse();
  }

  @Test
  void hostileAccessesDoNoHarmAndStateSurvives() {
    new RegisterFuzz(10, clock).ports(acpi, AcpiPower.PORTS);
    byte[] saved = SavedState.of(acpi);
    AcpiPower other = new AcpiPower(clock, new FakeLine(), power);
    assertThat(SavedState.restoredInto(other, saved)).isEqualTo(saved);
  }
}
