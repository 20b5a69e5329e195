package dev.ringzero.devices.hpet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.FakeLine;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HpetTest {
  private static final int GEN_CONF = 0x010;
  private static final int GINTR_STA = 0x020;
  private static final int MAIN_CNT = 0x0F0;
  private static final int T0_CONF = 0x100;
  private static final int T0_COMPARATOR = 0x108;
  private static final int T0_FSB = 0x110;
  private static final int ROUTE_20 = 20 << 9;
  private static final int INT_ENB = 1 << 2;

  private final FakeClock clock = new FakeClock();
  private final FakeLine[] lines = new FakeLine[32];
  private final List<String> messages = new ArrayList<>();
  private final Hpet hpet =
      new Hpet(
          clock,
          pin -> lines[pin] = new FakeLine(),
          (address, data) ->
              messages.add(Long.toHexString(address) + ":" + Integer.toHexString(data)));

  @Test
  void counterRunsAtTheRateOfTheCapabilitiesWhileEnabled() {
    assertThat(hpet.read(4, 4)).as("femtoseconds a tick").isEqualTo(10_000_000);
    clock.advance(1000);
    assertThat(hpet.read(MAIN_CNT, 8)).isZero();
    hpet.write(GEN_CONF, 4, 1);
    clock.advance(1000);
    assertThat(hpet.read(MAIN_CNT, 8)).isEqualTo(100);
    hpet.write(GEN_CONF, 4, 0);
    clock.advance(1000);
    assertThat(hpet.read(MAIN_CNT, 8)).isEqualTo(100);
    hpet.write(MAIN_CNT, 8, 0x1_0000_0000L);
    hpet.write(GEN_CONF, 4, 1);
    assertThat(hpet.read(MAIN_CNT + 4, 4)).isEqualTo(1);
  }

  @Test
  void oneShotInterruptsAtItsComparator() {
    hpet.write(GEN_CONF, 4, 1);
    hpet.write(T0_CONF, 4, INT_ENB | ROUTE_20);
    hpet.write(T0_COMPARATOR, 8, 1000);
    clock.advance(9999);
    assertThat(lines[20].risingEdges()).isZero();
    clock.advance(1);
    assertThat(lines[20].risingEdges()).isEqualTo(1);
    clock.advance(1_000_000_000);
    assertThat(lines[20].risingEdges()).isEqualTo(1);
  }

  @Test
  void periodicAddsItsPeriod() {
    hpet.write(GEN_CONF, 4, 1);
    hpet.write(T0_CONF, 4, INT_ENB | ROUTE_20 | 1 << 3 | 1 << 6);
    hpet.write(T0_COMPARATOR, 8, 100_000);
    hpet.write(T0_COMPARATOR, 8, 100_000);
    clock.advance(10_000_000);
    assertThat(lines[20].risingEdges()).isEqualTo(10);
    assertThat(hpet.read(T0_COMPARATOR, 8)).isEqualTo(1_100_000);
  }

  @Test
  void levelInterruptStaysUntilItsStatusIsCleared() {
    hpet.write(GEN_CONF, 4, 1);
    hpet.write(T0_CONF, 4, INT_ENB | ROUTE_20 | 1 << 1);
    hpet.write(T0_COMPARATOR, 8, 10);
    clock.advance(1000);
    assertThat(lines[20].isAsserted()).isTrue();
    assertThat(hpet.read(GINTR_STA, 4)).isEqualTo(1);
    hpet.write(GINTR_STA, 4, 1);
    assertThat(lines[20].isAsserted()).isFalse();
  }

  @Test
  void interruptByMessage() {
    hpet.write(T0_FSB, 8, 0xFEE0_1000L << 32 | 0x41);
    hpet.write(T0_CONF, 4, INT_ENB | 1 << 14);
    hpet.write(T0_COMPARATOR, 8, 10);
    hpet.write(GEN_CONF, 4, 1);
    clock.advance(1000);
    assertThat(messages).containsExactly("fee01000:41");
  }

  @Test
  void comparatorOf32BitsWraps() {
    hpet.write(MAIN_CNT, 8, 0xFFFF_FFF0L);
    hpet.write(T0_CONF, 4, INT_ENB | ROUTE_20 | 1 << 8);
    hpet.write(T0_COMPARATOR, 4, 0x10);
    hpet.write(GEN_CONF, 4, 1);
    clock.advance(0x20 * 10);
    assertThat(lines[20].risingEdges()).isEqualTo(1);
  }

  @Test
  void hostileAccessesDoNoHarmAndStateSurvives() {
    new RegisterFuzz(7, clock).memory(hpet, Hpet.WINDOW_BYTES);
    byte[] saved = SavedState.of(hpet);
    Hpet other = new Hpet(clock, pin -> new FakeLine(), (address, data) -> {});
    assertThat(SavedState.restoredInto(other, saved)).isEqualTo(saved);
  }
}
