package dev.ringzero.devices.testdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.testkit.SavedState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TestDeviceTest {
  private final List<String> wires = new ArrayList<>();
  private final TestDevice device =
      new TestDevice(number -> asserted -> wires.add(number + (asserted ? "+" : "-")));

  @Test
  void theExitPortEndsWithAnOddStatus() {
    List<Integer> statuses = new ArrayList<>();
    DebugExit exit = new DebugExit(statuses::add);
    exit.writePort(0, 4, 0);
    exit.writePort(0, 1, 38);
    exit.writePort(0, 4, 0xFFFF_FFFFL);

    assertThat(statuses).containsExactly(1, 77, 255);
    assertThat(exit.readPort(0, 4)).isZero();
  }

  @Test
  void aPortDrivesTheWireOfItsNumber() {
    device.interruptPorts().writePort(14, 1, 1);
    device.interruptPorts().writePort(14, 1, 0);

    assertThat(wires).containsExactly("14+", "14-");
  }

  @Test
  void portAndWindowKeepWhatIsWrittenInAnyWidth() {
    device.writePort(0, 4, 0x1122_3344L);
    device.writePort(1, 1, 0xAA);
    device.memory().write(TestDevice.WINDOW_BYTES - 8, 8, 0x0102_0304_0506_0708L);

    assertThat(device.readPort(0, 4)).isEqualTo(0x1122_AA44L);
    assertThat(device.readPort(2, 2)).isEqualTo(0x1122L);
    assertThat(device.memory().read(TestDevice.WINDOW_BYTES - 7, 2)).isEqualTo(0x0607L);
    byte[] saved = SavedState.of(device);
    TestDevice other = new TestDevice(number -> asserted -> {});
    assertThat(SavedState.restoredInto(other, saved)).isEqualTo(saved);
    assertThat(other.readPort(0, 4)).isEqualTo(0x1122_AA44L);
  }
}
