package dev.ringzero.devices.chipset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.FakePower;
import dev.ringzero.testkit.SavedState;
import org.junit.jupiter.api.Test;

class ResetTest {
  private final FakePower power = new FakePower();

  @Test
  void resetControlResetsOnTheRisingBit() {
    ResetControl control = new ResetControl(power);
    control.writeByte(0, 0x02);
    assertThat(power.resets()).isZero();
    control.writeByte(0, 0x06);
    control.writeByte(0, 0x06);
    assertThat(power.resets()).isEqualTo(1);
    byte[] saved = SavedState.of(control);
    assertThat(SavedState.restoredInto(new ResetControl(power), saved)).isEqualTo(saved);
  }

  @Test
  void systemControlPortResetsFast() {
    SystemControlPort port = new SystemControlPort(power);
    assertThat(port.readByte(0)).as("line 20 is open").isEqualTo(2);
    port.writeByte(0, 3);
    assertThat(power.resets()).isEqualTo(1);
  }
}
