package dev.ringzero.devices.pic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.memory.PortDevice;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.FakeLine;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PicTest {
  private static final int EOI = 0x20;
  private static final int READ_IRR = 0x0A;
  private static final int READ_ISR = 0x0B;

  private final FakeLine intr = new FakeLine();
  private final Pic pic = new Pic(intr);
  private final PortDevice master = pic.masterPorts();
  private final PortDevice slave = pic.slavePorts();

  @BeforeEach
  void initialize() {
    initialize(0x01);
  }

  private void initialize(int icw4) {
    int[] masterWords = {0x30, 0x04, icw4, 0x00};
    int[] slaveWords = {0x38, 0x02, icw4, 0x00};
    master.writePort(0, 1, 0x11);
    slave.writePort(0, 1, 0x11);
    for (int i = 0; i < 4; i++) {
      master.writePort(1, 1, masterWords[i]);
      slave.writePort(1, 1, slaveWords[i]);
    }
  }

  @Test
  void edgeIsLatchedUntilAcknowledged() {
    pic.line(4).pulse();
    assertThat(intr.isAsserted()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x34);
    assertThat(intr.isAsserted()).isFalse();
    master.writePort(0, 1, READ_ISR);
    assertThat(master.readPort(0, 1)).isEqualTo(1 << 4);
  }

  @Test
  void higherPriorityInterruptsALower() {
    pic.line(4).pulse();
    pic.acknowledge();
    pic.line(5).pulse();
    assertThat(intr.isAsserted()).isFalse();
    pic.line(1).pulse();
    assertThat(pic.acknowledge()).isEqualTo(0x31);
    master.writePort(0, 1, EOI);
    master.writePort(0, 1, EOI);
    assertThat(pic.acknowledge()).isEqualTo(0x35);
  }

  @Test
  void slaveComesThroughTheCascade() {
    pic.line(8).pulse();
    assertThat(pic.acknowledge()).isEqualTo(0x38);
    master.writePort(0, 1, READ_ISR);
    assertThat(master.readPort(0, 1)).isEqualTo(1 << 2);
    slave.writePort(0, 1, EOI);
    master.writePort(0, 1, EOI);
    assertThat(intr.isAsserted()).isFalse();
  }

  @Test
  void maskedRequestWaits() {
    master.writePort(1, 1, 1 << 4);
    pic.line(4).pulse();
    assertThat(intr.isAsserted()).isFalse();
    master.writePort(0, 1, READ_IRR);
    assertThat(master.readPort(0, 1)).isEqualTo(1 << 4);
    master.writePort(1, 1, 0);
    assertThat(intr.isAsserted()).isTrue();
  }

  @Test
  void requestThatWentAwayIsSpuriousWithoutService() {
    pic.line(9).pulse();
    slave.writePort(1, 1, 0xFF);
    assertThat(intr.isAsserted()).isFalse();
    assertThat(pic.acknowledge()).isEqualTo(0x37);
    master.writePort(0, 1, READ_ISR);
    assertThat(master.readPort(0, 1)).isZero();
  }

  @Test
  void levelTriggeredInputRepeatsWhileAsserted() {
    PortDevice elcr = pic.elcrPorts();
    elcr.writePort(1, 1, 0xFF);
    assertThat(elcr.readPort(1, 1)).as("IRQ 8 and 13 stay edge").isEqualTo(0xDE);
    pic.line(9).set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x39);
    slave.writePort(0, 1, EOI);
    master.writePort(0, 1, EOI);
    assertThat(intr.isAsserted()).isTrue();
    pic.line(9).set(false);
    assertThat(intr.isAsserted()).isFalse();
  }

  @Test
  void automaticEoiLeavesNothingInService() {
    initialize(0x03);
    pic.line(4).pulse();
    pic.acknowledge();
    master.writePort(0, 1, READ_ISR);
    assertThat(master.readPort(0, 1)).isZero();
  }

  @Test
  void rotationMovesTheServedInputToTheEnd() {
    pic.line(3).pulse();
    pic.acknowledge();
    master.writePort(0, 1, 0xA0);
    pic.line(3).pulse();
    pic.line(4).pulse();
    assertThat(pic.acknowledge()).isEqualTo(0x34);
  }

  @Test
  void pollAnswersInPlaceOfInta() {
    pic.line(6).pulse();
    master.writePort(0, 1, 0x0C);
    assertThat(master.readPort(0, 1)).isEqualTo(0x86);
    master.writePort(0, 1, 0x0C);
    assertThat(master.readPort(0, 1)).isZero();
  }

  @Test
  void maskRegisterReadsBack() {
    master.writePort(1, 1, 0xAB);
    assertThat(master.readPort(1, 1)).isEqualTo(0xAB);
  }

  @Test
  void hostileAccessesDoNoHarmAndStateSurvives() {
    RegisterFuzz fuzz = new RegisterFuzz(4, new FakeClock());
    pic.line(4).set(true);
    fuzz.ports(master, 2);
    fuzz.ports(slave, 2);
    fuzz.ports(pic.elcrPorts(), 2);
    pic.acknowledge();
    byte[] saved = SavedState.of(pic);
    assertThat(SavedState.restoredInto(new Pic(new FakeLine()), saved)).isEqualTo(saved);
  }
}
