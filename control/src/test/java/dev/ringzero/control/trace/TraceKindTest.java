package dev.ringzero.control.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.control.trace.TraceKind.What;
import org.junit.jupiter.api.Test;

final class TraceKindTest {
  @Test
  void kindsAreRead() {
    assertThat(TraceKind.parse("exits").orElseThrow().what()).isEqualTo(What.EXITS);
    assertThat(TraceKind.parse("interrupts").orElseThrow().what()).isEqualTo(What.INTERRUPTS);
    assertThat(TraceKind.parse("instructions").orElseThrow().holds(-1)).isTrue();
  }

  @Test
  void aRangeHoldsItsEnds() {
    TraceKind kind =
        TraceKind.parse("instructions:ffffffff81000000-0xffffffff81000fff").orElseThrow();

    assertThat(kind.holds(0xFFFF_FFFF_8100_0000L)).isTrue();
    assertThat(kind.holds(0xFFFF_FFFF_8100_0FFFL)).isTrue();
    assertThat(kind.holds(0xFFFF_FFFF_8100_1000L)).isFalse();
    assertThat(kind.holds(0x1000)).isFalse();
  }

  @Test
  void otherWordsAreRefused() {
    assertThat(TraceKind.parse("exit")).isEmpty();
    assertThat(TraceKind.parse("exits:0-1")).isEmpty();
    assertThat(TraceKind.parse("instructions:5")).isEmpty();
  }
}
