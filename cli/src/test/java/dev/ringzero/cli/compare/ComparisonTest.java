package dev.ringzero.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import dev.ringzero.vmm.memory.MemoryTechnique;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ComparisonTest {
  private static ComparedRun run(long misses, long exits, double end) {
    String statistics =
        "{\"tlbMisses\":%d,\"exits\":{\"HLT\":{\"count\":%d}},\"memoryFigures\":{\"shadow fills\":5}}"
            .formatted(misses, exits);
    return ComparedRun.parse(
        MemoryTechnique.SHADOW,
        "text\nrz-compare 1.50 " + end + "\n",
        List.of("rz: booting", statistics));
  }

  @Test
  void costIsARunWithTheWorkLessOneWithout() {
    Cost cost = Cost.between(run(100, 7, 1.5), run(350, 9, 4.0));
    assertThat(cost.seconds()).isEqualTo(2.5);
    assertThat(cost.counts())
        .containsEntry("page walks (TLB misses)", 250L)
        .containsEntry("exits: HLT", 2L)
        .containsEntry("shadow fills", 0L);
    assertThat(new Comparison("work", Map.of(MemoryTechnique.SHADOW, cost)).text())
        .contains("shadow", "2.50", "250");
  }

  @Test
  void pagePlotsWhatWasCountedAndShowsNoMarkupOfTheWork() {
    Cost cost = Cost.between(run(100, 7, 1.5), run(350, 9, 4.0));
    String page =
        ComparisonPage.of(new Comparison("a <b> && c", Map.of(MemoryTechnique.SHADOW, cost)));
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
