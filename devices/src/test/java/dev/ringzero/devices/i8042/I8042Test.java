package dev.ringzero.devices.i8042;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.FakePower;
import dev.ringzero.memory.PortDevice;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.FakeLine;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import org.junit.jupiter.api.Test;

class I8042Test {
  private static final int OUTPUT_FULL = 1;

  private final FakeLine irq = new FakeLine();
  private final FakePower power = new FakePower();
  private final I8042 controller = new I8042(irq, power);
  private final PortDevice data = controller.dataPort();
  private final PortDevice command = controller.commandPort();

  private long answerTo(int value) {
    command.writePort(0, 1, value);
    assertThat(command.readPort(0, 1) & OUTPUT_FULL).isEqualTo(OUTPUT_FULL);
    return data.readPort(0, 1);
  }

  @Test
  void selfTestPasses() {
    assertThat(answerTo(0xAA)).isEqualTo(0x55);
    assertThat(command.readPort(0, 1) & OUTPUT_FULL).isZero();
  }

  @Test
  void commandByteReadsBackWhatWasWritten() {
    command.writePort(0, 1, 0x60);
    data.writePort(0, 1, 0x74);
    assertThat(answerTo(0x20)).isEqualTo(0x74);
  }

  @Test
  void pulseOfTheResetLineResets() {
    command.writePort(0, 1, 0xFF);
    assertThat(power.resets()).isZero();
    command.writePort(0, 1, 0xFE);
    assertThat(power.resets()).isEqualTo(1);
  }

  @Test
  void outputPortResetsWhenItsBitFalls() {
    command.writePort(0, 1, 0xD1);
    data.writePort(0, 1, 0x03);
    assertThat(power.resets()).isZero();
    command.writePort(0, 1, 0xD1);
    data.writePort(0, 1, 0x02);
    assertThat(power.resets()).isEqualTo(1);
  }

  @Test
  void absentKeyboardAnswersWithATimeOutAtOnce() {
    data.writePort(0, 1, 0xF2);
    assertThat(command.readPort(0, 1) & 0x41).isEqualTo(0x41);
    assertThat(irq.isAsserted()).isTrue();
    assertThat(data.readPort(0, 1)).isEqualTo(0xFE);
    assertThat(irq.isAsserted()).isFalse();
  }

  @Test
  void absentMouseFailsItsInterfaceTest() {
    assertThat(answerTo(0xA9)).isEqualTo(1);
    assertThat(answerTo(0xAB)).isZero();
  }

  @Test
  void hostileAccessesDoNoHarmAndStateSurvives() {
    RegisterFuzz fuzz = new RegisterFuzz(9, new FakeClock());
    fuzz.ports(data, 1);
    fuzz.ports(command, 1);
    byte[] saved = SavedState.of(controller);
    assertThat(SavedState.restoredInto(new I8042(irq, power), saved)).isEqualTo(saved);
  }
}
