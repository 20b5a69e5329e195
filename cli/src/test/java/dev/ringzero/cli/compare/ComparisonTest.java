package dev.ringzero.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import dev.ringzero.vmm.memory.MemoryTechnique;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ComparisonTest {
  private static final Cost COST =
      Cost.of(
          ComparedRun.parse(
              MemoryTechnique.SHADOW,
              "rz-begin\nrz-end\nrz-compare 1.50 4.00\n",
              List.of(
                  "rz: booting",
                  "{\"tlbMisses\":999,\"between\":{\"begin\":%s,\"end\":%s}}"
                      .formatted(statistics(100, 7), statistics(350, 9)))));

  private static String statistics(long misses, long exits) {
    return "{\"tlbMisses\":%d,\"exits\":{\"HLT\":{\"count\":%d}},\"memoryFigures\":{\"shadow fills\":5,\"shadow table frames\":%d}}"
        .formatted(misses, exits, exits);
  }

  @Test
  void costIsWhatIsCountedBetweenTheWorksBeginAndItsEnd() {
    assertThat(COST.seconds()).isEqualTo(2.5);
    assertThat(COST.counts())
        .containsEntry("page walks (TLB misses)", 250L)
        .containsEntry("exits: HLT", 2L)
        .containsEntry("shadow fills", 0L)
        .containsEntry("shadow table frames, at the end", 9L);
    assertThat(new Comparison("work", Map.of(MemoryTechnique.SHADOW, COST)).text())
        .contains("shadow", "2.50", "250");
  }

  @Test
  void pagePlotsWhatWasCountedAndShowsNoMarkupOfTheWork() {
    String page =
        ComparisonPage.of(new Comparison("a <b> && c", Map.of(MemoryTechnique.SHADOW, COST)));
    assertThat(page)
        .startsWith("<!doctype html>")
        .endsWith("</html>\n")
        .contains("a &lt;b&gt; &amp;&amp; c", "page walks (TLB misses)", ">250</text>", "<svg")
        .doesNotContain("http");
  }

  @Test
  void failedGuestIsOneLine() {
    assertThatThrownBy(
            () -> ComparedRun.parse(MemoryTechnique.EPT, "", List.of("rz: no such kernel")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("ept failed: rz: no such kernel");
  }
}
