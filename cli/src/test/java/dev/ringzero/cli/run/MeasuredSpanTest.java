package dev.ringzero.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.run.RunStatistics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MeasuredSpanTest {
  private long counted;
  private final MeasuredSpan span =
      new MeasuredSpan(MeasuredSpan.Words.parse("begin,end"), this::statistics);
  private final MeasuredSpan.Watch console = span.new Watch();

  private RunStatistics statistics() {
    return new RunStatistics(
        0, counted, 0, -1, List.of(), 0, List.of(), Optional.empty(), "ept", Map.of(), 0, 0, 0);
  }

  private void say(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    console.output(bytes, bytes.length);
    counted += 10;
  }

  private Object misses(String when) {
    return ((Map<?, ?>) span.toMap().orElseThrow().get(when)).get("tlbMisses");
  }

  @Test
  void countersAreReadWhenTheWordsComeWhateverTheirPieces() {
    say("the end is not yet\nbe");
    say("gin\n");
    say("work work e");
    say("nd\n");
    say("begin end\n");

    assertThat(misses("begin")).isEqualTo(10L);
    assertThat(misses("end")).isEqualTo(30L);
  }

  @Test
  void nothingIsToldOfASpanThatDidNotEnd() {
    say("begin");
    assertThat(span.toMap()).isEmpty();
  }

  @Test
  void anythingButTwoWordsIsRefused() {
    for (String text : List.of("begin", "a,b,c", ",end", "begin,")) {
      assertThatThrownBy(() -> MeasuredSpan.Words.parse(text))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("two words");
    }
  }
}
