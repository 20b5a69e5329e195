package dev.ringzero.devices.fwcfg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.testkit.SavedState;
import org.junit.jupiter.api.Test;

final class FirmwareConfigurationTest {
  private final FirmwareConfiguration device = new FirmwareConfiguration(3, 0x1_2345_6000L);

  private long item(int key, int bytes) {
    device.writePort(0, 2, key);
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= device.readPort(1, 1) << 8 * i;
    }
    return value;
  }

  @Test
  void itemsTellOfTheMachine() {
    assertThat(item(0x00, 4)).as("QEMU").isEqualTo(0x554D_4551L);
    assertThat(item(0x03, 8)).as("RAM").isEqualTo(0x1_2345_6000L);
    assertThat(item(0x05, 2)).as("processors").isEqualTo(3);
    assertThat(item(0x0F, 2)).as("most processors").isEqualTo(3);
  }

  @Test
  void unknownItemsAndWhatLiesBehindAnItemAreZero() {
    assertThat(item(0x1234, 4)).isZero();
    assertThat(item(0x05, 8)).isEqualTo(3);
  }

  @Test
  void itsStateIsThePlaceInAnItem() {
    item(0x03, 2);
    byte[] saved = SavedState.of(device);
    FirmwareConfiguration other = new FirmwareConfiguration(3, 0x1_2345_6000L);

    assertThat(SavedState.restoredInto(other, saved)).isEqualTo(saved);
    assertThat(other.readPort(1, 1)).isEqualTo(0x45);
  }
}
