package dev.ringzero.devices.ioapic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.InterruptLine;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IoApicTest {
  private static final int IOREGSEL = 0x00;
  private static final int IOWIN = 0x10;
  private static final int EOIR = 0x40;
  private static final int LEVEL = 1 << 15;
  private static final int REMOTE_IRR = 1 << 14;
  private static final int MASKED = 1 << 16;

  private final List<String> messages = new ArrayList<>();
  private final IoApic ioApic =
      new IoApic((address, data) -> messages.add(Long.toHexString(address) + ":" + hex(data)));

  private static String hex(int value) {
    return Integer.toHexString(value);
  }

  private long read(int register) {
    ioApic.write(IOREGSEL, 4, register);
    return ioApic.read(IOWIN, 4);
  }

  private void write(int register, long value) {
    ioApic.write(IOREGSEL, 4, register);
    ioApic.write(IOWIN, 4, value);
  }

  private void route(int pin, int low, int destination) {
    write(0x11 + 2 * pin, (long) destination << 24);
    write(0x10 + 2 * pin, low);
  }

  @Test
  void versionTellsTwentyFourPinsAndAnEoiRegister() {
    assertThat(read(1)).isEqualTo(0x0017_0020);
  }

  @Test
  void allPinsAreMaskedAfterReset() {
    for (int pin = 0; pin < IoApic.PINS; pin++) {
      assertThat(read(0x10 + 2 * pin)).isEqualTo(MASKED);
    }
  }

  @Test
  void edgePinSendsAMessageForEachRisingEdge() {
    route(4, 0x34, 1);
    InterruptLine line = ioApic.line(4);
    line.set(true);
    line.set(true);
    line.set(false);
    line.pulse();
    assertThat(messages).containsExactly("fee01000:4034", "fee01000:4034");
  }

  @Test
  void destinationModeAndDeliveryModeTravelWithTheMessage() {
    route(4, 0x34 | 1 << 11 | 1 << 8, 0x0F);
    ioApic.line(4).set(true);
    assertThat(messages).containsExactly("fee0f004:4134");
  }

  @Test
  void levelPinSendsAgainAfterItsEndWhileAsserted() {
    route(9, 0x39 | LEVEL, 0);
    ioApic.line(9).set(true);
    assertThat(read(0x22) & REMOTE_IRR).isNotZero();
    ioApic.endOfInterrupt(0x38);
    assertThat(messages).hasSize(1);
    ioApic.endOfInterrupt(0x39);
    assertThat(messages).hasSize(2);
    ioApic.line(9).set(false);
    ioApic.write(EOIR, 4, 0x39);
    assertThat(messages).hasSize(2);
    assertThat(read(0x22) & REMOTE_IRR).isZero();
  }

  @Test
  void levelPinThatWasMaskedSendsWhenUnmasked() {
    route(9, 0x39 | LEVEL | MASKED, 0);
    ioApic.line(9).set(true);
    assertThat(messages).isEmpty();
    route(9, 0x39 | LEVEL, 0);
    assertThat(messages).hasSize(1);
  }

  @Test
  void edgeOnAMaskedPinIsLost() {
    route(4, 0x34 | MASKED, 0);
    ioApic.line(4).set(true);
    route(4, 0x34, 0);
    assertThat(messages).isEmpty();
  }

  @Test
  void switchingToEdgeClearsRemoteIrr() {
    route(9, 0x39 | LEVEL, 0);
    ioApic.line(9).set(true);
    route(9, 0x39 | MASKED, 0);
    assertThat(read(0x22) & REMOTE_IRR).isZero();
  }

  @Test
  void readOnlyBitsStay() {
    write(0x10, -1);
    assertThat(read(0x10)).isEqualTo(0x1_AFFF);
    write(1, 0);
    assertThat(read(1)).isEqualTo(0x0017_0020);
  }

  @Test
  void hostileAccessesDoNoHarmAndStateSurvives() {
    new RegisterFuzz(3, new FakeClock()).memory(ioApic, IoApic.WINDOW_BYTES);
    for (int i = 0; i < 256; i++) {
      write(i, 0x1234_5678L * i);
    }
    ioApic.line(5).set(true);
    byte[] saved = SavedState.of(ioApic);
    IoApic other = new IoApic((address, data) -> {});
    assertThat(SavedState.restoredInto(other, saved)).isEqualTo(saved);
  }

  @Test
  void whoKeepsTheLocalApicsLearnsWhatPinsAreSetTo() {
    List<String> told = new ArrayList<>();
    IoApic other =
        new IoApic(
            (address, data) -> {},
            (pin, address, data) ->
                told.add(pin + " " + Long.toHexString(address) + ":" + hex(data)));
    other.write(IOREGSEL, 4, 0x10 + 2 * 9);
    other.write(IOWIN, 4, LEVEL | MASKED | 0x39);
    assertThat(told).containsExactly("9 fee00000:c039");
  }
}
