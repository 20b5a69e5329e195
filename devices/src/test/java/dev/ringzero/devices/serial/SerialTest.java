package dev.ringzero.devices.serial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.FakeLine;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SerialTest {
  private static final int DATA = 0;
  private static final int IER = 1;
  private static final int IIR_FCR = 2;
  private static final int LCR = 3;
  private static final int MCR = 4;
  private static final int LSR = 5;
  private static final int MSR = 6;
  private static final int OUT2 = 0x08;

  private final FakeLine irq = new FakeLine();
  private final SlowSink sink = new SlowSink();
  private final Serial serial = new Serial("serial0", irq, sink);

  private static final class SlowSink implements ByteSink {
    private final StringBuilder text = new StringBuilder();
    private boolean full;
    private boolean breaking;

    @Override
    public boolean offer(int value) {
      if (!full) {
        text.append((char) value);
      }
      return !full;
    }

    @Override
    public void breakCondition(boolean active) {
      breaking = active;
    }
  }

  private int receive(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return serial.receive(bytes, 0, bytes.length);
  }

  private void print(String text) {
    text.chars().forEach(c -> serial.writeByte(DATA, c));
  }

  @Test
  void outputGoesToTheSinkAtOnce() {
    print("hello");
    assertThat(sink.text).hasToString("hello");
    assertThat(serial.readByte(LSR)).isEqualTo(0x60);
  }

  @Test
  void fullSinkShowsABusyTransmitterAndLosesNothing() {
    serial.writeByte(IIR_FCR, 1);
    serial.writeByte(MCR, OUT2);
    serial.writeByte(IER, 2);
    sink.full = true;
    print("0123456789abcdef");
    assertThat(serial.readByte(LSR) & 0x60).isZero();
    assertThat(irq.isAsserted()).isFalse();
    sink.full = false;
    serial.resumeOutput();
    assertThat(sink.text).hasToString("0123456789abcdef");
    assertThat(serial.readByte(LSR) & 0x60).isEqualTo(0x60);
    assertThat(irq.isAsserted()).isTrue();
    assertThat(serial.readByte(IIR_FCR) & 0xF).isEqualTo(2);
    assertThat(irq.isAsserted()).isFalse();
  }

  @Test
  void enablingTheTransmitterInterruptRaisesItWhileEmpty() {
    serial.writeByte(MCR, OUT2);
    serial.writeByte(IER, 2);
    assertThat(irq.isAsserted()).isTrue();
  }

  @Test
  void interruptNeedsOut2() {
    serial.writeByte(IER, 1);
    receive("x");
    assertThat(irq.isAsserted()).isFalse();
    serial.writeByte(MCR, OUT2);
    assertThat(irq.isAsserted()).isTrue();
    assertThat(serial.readByte(DATA)).isEqualTo('x');
    assertThat(irq.isAsserted()).isFalse();
  }

  @Test
  void identificationTellsTriggerLevelFromTimeOut() {
    serial.writeByte(IIR_FCR, 0x41);
    serial.writeByte(IER, 1);
    receive("abc");
    assertThat(serial.readByte(IIR_FCR)).isEqualTo(0xCC);
    receive("d");
    assertThat(serial.readByte(IIR_FCR)).isEqualTo(0xC4);
  }

  @Test
  void inputWaitsInOrderAndIsBounded() {
    StringBuilder sent = new StringBuilder();
    boolean[] askedForMore = {false};
    serial.onInputSpace(() -> askedForMore[0] = true);
    serial.writeByte(IIR_FCR, 1);
    int taken;
    do {
      taken = receive("0123456789");
      sent.append("0123456789", 0, taken);
    } while (taken == 10);
    assertThat(sent.length()).isLessThan(10_000);
    StringBuilder got = new StringBuilder();
    while ((serial.readByte(LSR) & 1) != 0) {
      got.append((char) serial.readByte(DATA));
    }
    assertThat(got).hasToString(sent.toString());
    assertThat(askedForMore[0]).isTrue();
  }

  @Test
  void loopbackReturnsOutputAndModemLines() {
    serial.writeByte(MCR, 0x1A);
    assertThat(serial.readByte(MSR) & 0xF0).isEqualTo(0x90);
    serial.writeByte(DATA, 0x5A);
    assertThat(serial.readByte(DATA)).isEqualTo(0x5A);
    assertThat(sink.text).isEmpty();
    serial.writeByte(MCR, 0x10);
    assertThat(serial.readByte(MSR)).as("CTS and DCD fell").isEqualTo(0x09);
  }

  @Test
  void modemLinesSayThatSomebodyIsThere() {
    assertThat(serial.readByte(MSR)).isEqualTo(0xB0);
  }

  @Test
  void divisorLatchHidesDataAndInterruptEnable() {
    serial.writeByte(LCR, 0x80);
    serial.writeByte(0, 0x34);
    serial.writeByte(1, 0x12);
    assertThat(serial.readByte(0)).isEqualTo(0x34);
    assertThat(serial.readByte(1)).isEqualTo(0x12);
    serial.writeByte(LCR, 0x03);
    assertThat(serial.readByte(1)).isZero();
    assertThat(sink.text).isEmpty();
  }

  @Test
  void breakTravelsBothWays() {
    serial.writeByte(LCR, 0x43);
    assertThat(sink.breaking).isTrue();
    serial.writeByte(LCR, 0x03);
    assertThat(sink.breaking).isFalse();
    serial.writeByte(IER, 4);
    serial.receiveBreak();
    assertThat(serial.readByte(IIR_FCR) & 0xF).isEqualTo(6);
    assertThat(serial.readByte(LSR) & 0x11).isEqualTo(0x11);
    assertThat(serial.readByte(LSR) & 0x10).isZero();
    assertThat(serial.readByte(DATA)).isZero();
  }

  @Test
  void fifosAreToldByTheIdentification() {
    serial.writeByte(IIR_FCR, 0);
    assertThat(serial.readByte(IIR_FCR)).isEqualTo(0x01);
    serial.writeByte(IIR_FCR, 1);
    assertThat(serial.readByte(IIR_FCR)).isEqualTo(0xC1);
  }

  @Test
  void stateSurvivesSavingAndRestoring() {
    serial.writeByte(IIR_FCR, 0xC1);
    serial.writeByte(IER, 3);
    receive("some input that is longer than the receiver");
    serial.readByte(DATA);
    sink.full = true;
    print("waiting");
    byte[] saved = SavedState.of(serial);
    SlowSink another = new SlowSink();
    Serial other = new Serial("serial0", new FakeLine(), another);
    assertThat(SavedState.restoredInto(other, saved)).isEqualTo(saved);
    other.resumeOutput();
    assertThat(another.text).hasToString("waiting");
  }

  @Test
  void hostileAccessesDoNoHarm() {
    RegisterFuzz fuzz = new RegisterFuzz(8, new FakeClock());
    receive("input");
    fuzz.ports(serial, 8);
    sink.full = true;
    receive("more input");
    fuzz.ports(serial, 8);
    serial.resumeOutput();
    byte[] saved = SavedState.of(serial);
    Serial other = new Serial("serial0", irq, sink);
    assertThat(SavedState.restoredInto(other, saved)).isEqualTo(saved);
  }
}
