package dev.ringzero.devices.rtc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.FakeLine;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RtcTest {
  private static final long SECOND = 1_000_000_000;

  private final FakeClock clock = new FakeClock(Instant.parse("2026-11-23T23:59:58Z"));
  private final FakeLine irq = new FakeLine();
  private final Rtc rtc = new Rtc(clock, irq);

  private int read(int register) {
    rtc.writeByte(0, register);
    return rtc.readByte(1);
  }

  private void write(int register, int value) {
    rtc.writeByte(0, register);
    rtc.writeByte(1, value);
  }

  @Test
  void showsWallTimeInBcd() {
    assertThat(read(0x00)).isEqualTo(0x58);
    assertThat(read(0x02)).isEqualTo(0x59);
    assertThat(read(0x04)).isEqualTo(0x23);
    assertThat(read(0x06)).as("Monday").isEqualTo(2);
    assertThat(read(0x07)).isEqualTo(0x23);
    assertThat(read(0x08)).isEqualTo(0x11);
    assertThat(read(0x09)).isEqualTo(0x26);
    assertThat(read(0x32)).isEqualTo(0x20);
    clock.advance(2 * SECOND);
    assertThat(read(0x00)).isZero();
    assertThat(read(0x07)).isEqualTo(0x24);
  }

  @Test
  void showsBinaryAndTwelveHours() {
    write(0x0B, 0x04);
    assertThat(read(0x00)).isEqualTo(58);
    assertThat(read(0x04)).isEqualTo(0x80 | 11);
  }

  @Test
  void guestSetsTheTimeWhileUpdatesAreHalted() {
    write(0x0B, 0x82);
    write(0x00, 0x10);
    write(0x02, 0x20);
    write(0x04, 0x05);
    write(0x07, 0x29);
    write(0x08, 0x02);
    write(0x09, 0x28);
    clock.advance(5 * SECOND);
    assertThat(read(0x00)).isEqualTo(0x10);
    write(0x0B, 0x02);
    clock.advance(SECOND);
    assertThat(read(0x00)).isEqualTo(0x11);
    assertThat(read(0x07)).isEqualTo(0x29);
    assertThat(read(0x06)).as("Tuesday").isEqualTo(3);
  }

  @Test
  void impossibleDateIsNotTaken() {
    write(0x0B, 0x82);
    write(0x08, 0x99);
    write(0x0B, 0x02);
    assertThat(read(0x08)).isEqualTo(0x11);
  }

  @Test
  void updateInProgressShowsShortlyBeforeTheSecond() {
    assertThat(read(0x0A) & 0x80).isZero();
    clock.advance(SECOND - 100_000);
    assertThat(read(0x0A) & 0x80).isNotZero();
    clock.advance(100_000);
    assertThat(read(0x0A) & 0x80).isZero();
  }

  @Test
  void updateEndedInterruptComesEachSecond() {
    write(0x0B, 0x12);
    clock.advance(SECOND);
    assertThat(irq.isAsserted()).isTrue();
    assertThat(read(0x0C)).isEqualTo(0xD0);
    assertThat(irq.isAsserted()).isFalse();
    assertThat(read(0x0C)).isZero();
    clock.advance(SECOND);
    assertThat(irq.risingEdges()).isEqualTo(2);
  }

  @Test
  void periodicInterruptComesAtItsRate() {
    write(0x0A, 0x26);
    write(0x0B, 0x42);
    int interrupts = 0;
    for (int i = 0; i < 1000; i++) {
      clock.advance(SECOND / 1000);
      if (irq.isAsserted()) {
        interrupts++;
        read(0x0C);
      }
    }
    assertThat(interrupts).isBetween(990, 1000);
  }

  @Test
  void alarmMatchesTimeOfDay() {
    write(0x01, 0x03);
    write(0x03, 0x00);
    write(0x05, 0x00);
    write(0x0B, 0x22);
    clock.advance(4 * SECOND);
    assertThat(irq.isAsserted()).isFalse();
    clock.advance(SECOND);
    assertThat(irq.isAsserted()).isTrue();
    assertThat(read(0x0C) & 0xA0).isEqualTo(0xA0);
    clock.advance(86_399 * SECOND);
    assertThat(irq.isAsserted()).isFalse();
    clock.advance(SECOND);
    assertThat(irq.isAsserted()).isTrue();
  }

  @Test
  void alarmWithoutCaresComesEveryMinute() {
    write(0x01, 0x30);
    write(0x03, 0xC0);
    write(0x05, 0xFF);
    write(0x0B, 0x22);
    clock.advance(32 * SECOND);
    assertThat(irq.isAsserted()).isTrue();
    read(0x0C);
    clock.advance(60 * SECOND);
    assertThat(irq.isAsserted()).isTrue();
  }

  @Test
  void flagsAreThereForThosePolling() {
    clock.advance(3 * SECOND);
    assertThat(read(0x0C)).isEqualTo(0x50);
    assertThat(clock.waitingAlarms()).as("nobody waits for an interrupt").isZero();
  }

  @Test
  void memoryKeepsTheShutdownByte() {
    write(0x0F, 0x0A);
    assertThat(read(0x0F)).isEqualTo(0x0A);
    assertThat(read(0x0D)).isEqualTo(0x80);
  }

  @Test
  void stateSurvivesSavingAndRestoring() {
    write(0x0B, 0x82);
    write(0x04, 0x05);
    write(0x0B, 0x12);
    clock.advance(SECOND / 2);
    byte[] saved = SavedState.of(rtc);
    assertThat(SavedState.restoredInto(new Rtc(clock, new FakeLine()), saved)).isEqualTo(saved);
  }

  @Test
  void hostileAccessesDoNoHarm() {
    new RegisterFuzz(6, clock).ports(rtc, 2);
    byte[] saved = SavedState.of(rtc);
    assertThat(SavedState.restoredInto(new Rtc(clock, irq), saved)).isEqualTo(saved);
  }
}
