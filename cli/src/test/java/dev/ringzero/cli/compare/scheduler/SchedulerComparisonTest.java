package dev.ringzero.cli.compare.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ringzero.control.protocol.Json;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchedulerComparisonTest {
  private static final GuestFigures SLEEPY = new GuestFigures("sleepy", 0.03, 0.01, 190, 150, 95);

  private final SchedulerSetting base = SchedulerSetting.ALL.getFirst();
  private final SchedulerSetting capped = SchedulerSetting.ALL.get(2);
  private final SchedulerComparison comparison;

  SchedulerComparisonTest() {
    Map<SchedulerSetting, List<GuestFigures>> figures = new LinkedHashMap<>();
    figures.put(base, List.of(SLEEPY, busy(1, 40), busy(2, 60)));
    figures.put(capped, List.of(SLEEPY, busy(1, 25), busy(2, 50)));
    comparison = new SchedulerComparison(1, Duration.ofMillis(1500), figures);
  }

  private static GuestFigures busy(int number, double work) {
    return new GuestFigures("busy" + number, 0.5, 0.5, 100, 5000, work);
  }

  @Test
  void workOfTheBusyGuestsIsMeasuredByThatOfTheFirstRule() {
    assertThat(comparison.work(base)).isEqualTo(1);
    assertThat(comparison.work(capped)).isCloseTo(0.75, within(1e-9));
  }

  @Test
  void textNamesEachRuleAndEachGuest() {
    assertThat(comparison.text())
        .contains("1 physical CPU, 1.5 s each")
        .contains("equal: weights 100, 100, 100, slices of 2.0 ms; busy guests' work 1.00")
        .contains("first capped at 20 %: weights 100 <= 20 %, 100, 100")
        .containsPattern("busy1 +50\\.0 +50\\.0 +100 +5000 +25\\.0");
  }

  @Test
  void jsonHoldsTheSameFigures() throws Exception {
    Map<String, Object> map = Json.read(Json.write(comparison.toMap()));
    assertThat(map).containsEntry("physicalCpus", 1L);
    Map<?, ?> second = (Map<?, ?>) ((List<?>) map.get("settings")).get(1);
    assertThat(second.get("shares")).isEqualTo("100 <= 20 %, 100, 100");
    assertThat(((List<?>) second.get("guests"))).hasSize(3);
  }

  @Test
  void pageNeedsNoOtherFile() {
    String page = SchedulerPage.of(comparison);
    assertThat(page).contains("<svg", "busy2", "</html>");
    assertThat(page).doesNotContain("src=").doesNotContain("href=");
  }
}
