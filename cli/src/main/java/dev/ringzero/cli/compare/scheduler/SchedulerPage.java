package dev.ringzero.cli.compare.scheduler;

import static dev.ringzero.cli.bench.report.HtmlText.escaped;

import dev.ringzero.cli.bench.report.HtmlPage;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** A comparison of schedulers as a page with plots, which needs no other file. */
final class SchedulerPage {
  private static final int WIDTH = 960;
  private static final int LEFT = 190;
  private static final int RIGHT = 110;
  private static final int ROW = 22;
  private static final int BAR = 12;
  private static final int GAP = 8;
  private static final int PERCENT = 100;

  private final SchedulerComparison comparison;
  private final StringBuilder page = new StringBuilder();

  private SchedulerPage(SchedulerComparison comparison) {
    this.comparison = comparison;
  }

  static String of(SchedulerComparison comparison) {
    return new SchedulerPage(comparison).write();
  }

  private String write() {
    page.append(HtmlPage.begin("Time slices: the same guests under several rules"));
    add(
        "<p>Three guests that always want to run and one that wakes a hundred times a second, on"
            + " %d physical CPU%s, %.1f s for each rule.</p>%n",
        comparison.physicalCpus(),
        comparison.physicalCpus() == 1 ? "" : "s",
        comparison.duration().toMillis() / 1e3);
    plot("part of one physical CPU, %", "%.1f", of -> of.share() * PERCENT);
    plot("wait before it runs, microseconds", "%,.0f", GuestFigures::waitMicros);
    plot("slices a second", "%,.0f", GuestFigures::slicesPerSecond);
    plot("pieces of work a second", "%,.1f", GuestFigures::workPerSecond);
    table();
    return page.append(HtmlPage.end()).toString();
  }

  private void plot(String title, String format, ToDoubleFunction<GuestFigures> value) {
    Map<SchedulerSetting, List<GuestFigures>> figures = comparison.figures();
    double most =
        figures.values().stream().flatMap(List::stream).mapToDouble(value).max().orElse(1);
    int rows = figures.values().stream().mapToInt(guests -> guests.size() + 1).sum();
    add("<section><h2>%s</h2>%n<div class=\"chart\">", escaped(title));
    add(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
        WIDTH, ROW * rows + GAP, escaped(title));
    int middle = ROW / 2;
    for (Map.Entry<SchedulerSetting, List<GuestFigures>> entry : figures.entrySet()) {
      add(
          "<text class=\"group\" x=\"0\" y=\"%d\">%s</text>%n",
          middle + 4, escaped(label(entry.getKey())));
      middle += ROW;
      for (GuestFigures of : entry.getValue()) {
        bar(of.name(), value.applyAsDouble(of), most, format, middle);
        middle += ROW;
      }
    }
    add("</svg></div></section>%n");
  }

  private static String label(SchedulerSetting setting) {
    return String.format(
        Locale.ROOT, "%s: slices of %.1f ms", setting.name(), setting.sliceMicros() / 1e3);
  }

  private void bar(String name, double value, double most, String format, int middle) {
    double length = most == 0 ? 0 : value / most * (WIDTH - LEFT - RIGHT);
    add("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n", LEFT - GAP, middle + 4, name);
    add(
        "<rect class=\"faster\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>%n",
        LEFT, middle - BAR / 2, length, BAR);
    add(
        "<text x=\"%.1f\" y=\"%d\">%s</text>%n",
        LEFT + length + GAP, middle + 4, String.format(Locale.ROOT, format, value));
  }

  private void table() {
    add("<section><h2>All figures</h2>%n<div class=\"wide\"><table>%n");
    add("<tr><th>rule</th><th>guest</th><th>CPU %%</th><th>WAIT %%</th><th>slices/s</th>");
    add("<th>wait, µs</th><th>work/s</th><th>work of the busy</th></tr>%n");
    comparison
        .figures()
        .forEach((setting, guests) -> {
          for (GuestFigures of : guests) {
            add(
                "<tr><td>%s</td><td>%s</td><td>%.1f</td><td>%.1f</td><td>%,.0f</td><td>%,.0f</td>",
                escaped(setting.name()),
                of.name(),
                of.share() * PERCENT,
                of.waited() * PERCENT,
                of.slicesPerSecond(),
                of.waitMicros());
            add("<td>%,.1f</td><td>%.2f</td></tr>%n", of.workPerSecond(), comparison.work(setting));
          }
        });
    add("</table></div></section>%n");
  }

  private void add(String format, Object... values) {
    page.append(String.format(Locale.ROOT, format, values));
  }
}
