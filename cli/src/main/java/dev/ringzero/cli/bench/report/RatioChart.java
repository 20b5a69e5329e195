package dev.ringzero.cli.bench.report;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Ratio;
import java.util.Locale;
import java.util.Map;

/**
 * Bars from 1 to each program's ratio on a logarithmic axis, with the spread of its rounds: what is
 * faster goes to the right.
 */
final class RatioChart {
  private static final int WIDTH = 960;
  private static final int LEFT = 150;
  private static final int RIGHT = 70;
  private static final int ROW = 22;
  private static final int BAR = 12;
  private static final int TOP = 26;
  private static final int LABEL_GAP = 8;
  private static final double[] TICKS = {
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000
  };

  private final Map<Program, Ratio> ratios;
  private final double least;
  private final double most;
  private final StringBuilder svg = new StringBuilder();

  RatioChart(Map<Program, Ratio> ratios) {
    this.ratios = ratios;
    this.least = tickBelow(ratios.values().stream().mapToDouble(Ratio::min).min().orElse(1));
    this.most = tickAbove(ratios.values().stream().mapToDouble(Ratio::max).max().orElse(1));
  }

  String write(String title) {
    long groups = ratios.keySet().stream().map(Program::group).distinct().count();
    int height = TOP + (int) (ratios.size() + groups) * ROW + ROW / 2;
    add(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
        WIDTH, height, HtmlText.escaped(title));
    grid(height);
    int y = TOP;
    for (Group group : Group.values()) {
      boolean named = false;
      for (Map.Entry<Program, Ratio> entry : ratios.entrySet()) {
        if (entry.getKey().group() == group) {
          if (!named) {
            add("<text class=\"group\" x=\"0\" y=\"%d\">%s</text>", y + 16, group.title());
            y += ROW;
            named = true;
          }
          bar(entry.getKey(), entry.getValue(), y);
          y += ROW;
        }
      }
    }
    return svg.append("</svg>\n").toString();
  }

  private void grid(int height) {
    for (double tick : TICKS) {
      if (tick >= least && tick <= most) {
        add(
            "<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
            tick == 1 ? "one" : "grid", x(tick), x(tick), TOP - 6, height - 4);
        add(
            "<text class=\"axis\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
            x(tick), TOP - 12, plain(tick));
      }
    }
  }

  private void bar(Program program, Ratio ratio, int y) {
    double from = Math.min(x(1), x(ratio.median()));
    double to = Math.max(x(1), x(ratio.median()));
    int middle = y + ROW / 2;
    add("<g><title>%s</title>", HtmlText.escaped(program.name() + ": " + program.summary()));
    add(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
        LEFT - LABEL_GAP, middle + 4, HtmlText.escaped(program.name()));
    add(
        "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>",
        ratio.median() >= 1 ? "faster" : "slower", from, middle - BAR / 2, to - from, BAR);
    add(
        "<line class=\"spread\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
        x(ratio.min()), x(ratio.max()), middle, middle);
    double label = Math.max(to, x(ratio.max())) + LABEL_GAP;
    add("<text x=\"%.1f\" y=\"%d\">%.2f</text></g>", label, middle + 4, ratio.median());
  }

  private double x(double ratio) {
    double part = (Math.log(ratio) - Math.log(least)) / (Math.log(most) - Math.log(least));
    return LEFT + part * (WIDTH - LEFT - RIGHT);
  }

  private static double tickBelow(double ratio) {
    double below = TICKS[0];
    for (double tick : TICKS) {
      below = tick <= Math.min(ratio, 0.5) ? tick : below;
    }
    return Math.min(below, ratio);
  }

  private static double tickAbove(double ratio) {
    for (double tick : TICKS) {
      if (tick >= Math.max(ratio, 2)) {
        return tick;
      }
    }
    return ratio;
  }

  private static String plain(double tick) {
    return tick == Math.rint(tick) ? Long.toString((long) tick) : Double.toString(tick);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
