package dev.ringzero.devices.pit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.memory.PortDevice;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.FakeLine;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import org.junit.jupiter.api.Test;

class PitTest {
  private static final int CONTROL = 3;
  private static final int OUT2 = 1 << 5;
  private static final long MILLISECOND = 1_000_000;

  private final FakeClock clock = new FakeClock();
  private final FakeLine irq0 = new FakeLine();
  private final Pit pit = new Pit(clock, irq0);
  private final PortDevice speaker = pit.speakerPort();

  private void program(int channel, int mode, int count) {
    pit.writeByte(CONTROL, channel << 6 | 0x30 | mode << 1);
    pit.writeByte(channel, count & 0xFF);
    pit.writeByte(channel, count >>> 8);
  }

  private int latchedCount(int channel) {
    pit.writeByte(CONTROL, channel << 6);
    return pit.readByte(channel) | pit.readByte(channel) << 8;
  }

  @Test
  void rateGeneratorInterruptsAtItsRate() {
    program(0, 2, 11932);
    int before = irq0.risingEdges();
    clock.advance(1000 * MILLISECOND);
    assertThat(irq0.risingEdges() - before).isBetween(99, 100);
  }

  @Test
  void terminalCountInterruptsOnce() {
    program(0, 0, 1193);
    assertThat(irq0.isAsserted()).isFalse();
    clock.advance(2 * MILLISECOND);
    assertThat(irq0.isAsserted()).isTrue();
    clock.advance(200 * MILLISECOND);
    assertThat(irq0.risingEdges()).isEqualTo(1);
  }

  @Test
  void countOfZeroMeansTheLargest() {
    program(0, 2, 0);
    int before = irq0.risingEdges();
    clock.advance(1000 * MILLISECOND);
    assertThat(irq0.risingEdges() - before).isEqualTo(18);
  }

  @Test
  void latchHoldsTheCountWhileItGoesOn() {
    program(0, 2, 50_000);
    clock.advance(10 * MILLISECOND);
    pit.writeByte(CONTROL, 0);
    clock.advance(10 * MILLISECOND);
    int latched = pit.readByte(0) | pit.readByte(0) << 8;
    assertThat(latched).isEqualTo(50_000 - 11_931);
    assertThat(latchedCount(0)).isEqualTo(50_000 - 23_863);
  }

  @Test
  void squareWaveCountsByTwo() {
    program(0, 3, 50_000);
    clock.advance(10 * MILLISECOND);
    assertThat(latchedCount(0)).isEqualTo(50_000 - 2 * 11_931);
  }

  @Test
  void gateOfChannel2StartsTheSpeakersCount() {
    speaker.writePort(0, 1, 1);
    program(2, 0, 1193 * 10);
    assertThat(speaker.readPort(0, 1) & OUT2).isZero();
    clock.advance(9 * MILLISECOND);
    assertThat(speaker.readPort(0, 1) & OUT2).isZero();
    clock.advance(2 * MILLISECOND);
    assertThat(speaker.readPort(0, 1) & OUT2).isNotZero();
  }

  @Test
  void lowGateHoldsTheCount() {
    program(2, 0, 1193 * 10);
    clock.advance(50 * MILLISECOND);
    assertThat(speaker.readPort(0, 1) & OUT2).isZero();
    speaker.writePort(0, 1, 1);
    clock.advance(5 * MILLISECOND);
    speaker.writePort(0, 1, 0);
    int held = latchedCount(2);
    clock.advance(50 * MILLISECOND);
    assertThat(latchedCount(2)).isEqualTo(held);
    speaker.writePort(0, 1, 1);
    clock.advance(6 * MILLISECOND);
    assertThat(speaker.readPort(0, 1) & OUT2).isNotZero();
  }

  @Test
  void readBackGivesStatusThenCount() {
    program(0, 2, 1000);
    pit.writeByte(CONTROL, 0xC2);
    assertThat(pit.readByte(0)).isEqualTo(0x80 | 0x34);
    assertThat(pit.readByte(0) | pit.readByte(0) << 8).isEqualTo(1000);
  }

  @Test
  void refreshBitToggles() {
    long first = speaker.readPort(0, 1) & 0x10;
    clock.advance(15_086);
    assertThat(speaker.readPort(0, 1) & 0x10).isNotEqualTo(first);
  }

  @Test
  void stateSurvivesSavingAndRestoring() {
    program(0, 2, 11932);
    program(2, 0, 5000);
    clock.advance(MILLISECOND);
    byte[] saved = SavedState.of(pit);
    FakeLine line = new FakeLine();
    assertThat(SavedState.restoredInto(new Pit(clock, line), saved)).isEqualTo(saved);
    clock.advance(100 * MILLISECOND);
    assertThat(line.risingEdges()).isBetween(9, 10);
  }

  @Test
  void hostileAccessesDoNoHarm() {
    RegisterFuzz fuzz = new RegisterFuzz(5, clock);
    fuzz.ports(pit, 4);
    fuzz.ports(speaker, 1);
    byte[] saved = SavedState.of(pit);
    assertThat(SavedState.restoredInto(new Pit(clock, irq0), saved)).isEqualTo(saved);
  }
}
