package dev.ringzero.cli.compare;

import static dev.ringzero.cli.bench.report.HtmlText.escaped;

import dev.ringzero.cli.bench.report.HtmlPage;
import dev.ringzero.vmm.memory.MemoryTechnique;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A comparison as a page with plots, which needs no other file. */
final class ComparisonPage {
  private static final int WIDTH = 960;
  private static final int LEFT = 80;
  private static final int RIGHT = 140;
  private static final int ROW = 24;
  private static final int BAR = 14;
  private static final int LABEL_GAP = 8;

  private final Comparison comparison;
  private final StringBuilder page = new StringBuilder();

  private ComparisonPage(Comparison comparison) {
    this.comparison = comparison;
  }

  static String of(Comparison comparison) {
    return new ComparisonPage(comparison).write();
  }

  private String write() {
    page.append(HtmlPage.begin("Memory virtualized in three ways"));
    add("<p><code>%s</code></p>%n", escaped(comparison.work()));
    add(
        "<p>What the work costs: a run with it, less a run without. Seconds are the guest's.</p>%n");
    plot("seconds in the guest", comparison.costs(), true);
    for (String name : comparison.names()) {
      Map<MemoryTechnique, Cost> costs = new LinkedHashMap<>(comparison.costs());
      costs.values().removeIf(cost -> cost.counts().getOrDefault(name, 0L) == 0);
      if (!costs.isEmpty()) {
        plot(name, costs, false);
      }
    }
    table();
    return page.append(HtmlPage.end()).toString();
  }

  private void plot(String name, Map<MemoryTechnique, Cost> costs, boolean seconds) {
    double most =
        costs.values().stream()
            .mapToDouble(cost -> Math.abs(value(cost, name, seconds)))
            .max()
            .orElse(1);
    add("<section><h2>%s</h2>%n<div class=\"chart\">", escaped(name));
    add(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
        WIDTH, ROW * costs.size() + LABEL_GAP, escaped(name));
    int middle = ROW / 2 + LABEL_GAP / 2;
    for (Map.Entry<MemoryTechnique, Cost> entry : costs.entrySet()) {
      double value = value(entry.getValue(), name, seconds);
      double length = most == 0 ? 0 : Math.abs(value) / most * (WIDTH - LEFT - RIGHT);
      add(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
          LEFT - LABEL_GAP, middle + 4, entry.getKey().word());
      add(
          "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>%n",
          value >= 0 ? "faster" : "slower", LEFT, middle - BAR / 2, length, BAR);
      add(
          "<text x=\"%.1f\" y=\"%d\">%s</text>%n",
          LEFT + length + LABEL_GAP, middle + 4, words(value, seconds));
      middle += ROW;
    }
    add("</svg></div></section>%n");
  }

  private static double value(Cost cost, String name, boolean seconds) {
    return seconds ? cost.seconds() : cost.counts().getOrDefault(name, 0L);
  }

  private static String words(double value, boolean seconds) {
    return String.format(Locale.ROOT, seconds ? "%.2f" : "%,.0f", value);
  }

  private void table() {
    add("<section><h2>All figures</h2>%n<div class=\"wide\"><table>%n<tr><th></th>");
    comparison.costs().keySet().forEach(technique -> add("<th>%s</th>", technique.word()));
    add("</tr>%n<tr><td>seconds in the guest</td>");
    comparison.costs().values().forEach(cost -> add("<td>%.2f</td>", cost.seconds()));
    add("</tr>%n");
    for (String name : comparison.names()) {
      add("<tr><td>%s</td>", escaped(name));
      for (Cost cost : comparison.costs().values()) {
        Long count = cost.counts().get(name);
        add("<td>%s</td>", count == null ? "–" : words(count, false));
      }
      add("</tr>%n");
    }
    add("</table></div></section>%n");
  }

  private void add(String format, Object... values) {
    page.append(String.format(Locale.ROOT, format, values));
  }
}
