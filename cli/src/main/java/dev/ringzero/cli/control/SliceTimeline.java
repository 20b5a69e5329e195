package dev.ringzero.cli.control;

import dev.ringzero.vmm.schedule.Slice;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Slices as a page that needs no other file: a line for each physical CPU, time from the left. */
final class SliceTimeline {
  private static final int WIDTH = 1600;
  private static final int ROW = 44;
  private static final int BAR = 30;
  private static final int LEFT = 60;
  private static final int TICKS = 10;
  private static final int GOLDEN_ANGLE = 137;
  private static final int CIRCLE = 360;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final int PERCENT = 100;

  private static final String HEAD =
      """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>RingZero time slices</title>
      <style>
      :root { color-scheme: light dark }
      body { font: 14px system-ui, sans-serif; margin: 2em }
      svg { width: 100%; height: auto; min-width: 60em }
      svg text { fill: currentColor; font: 12px system-ui, sans-serif }
      .grid { stroke: currentColor; opacity: .2 }
      table { border-collapse: collapse; margin-top: 1.5em }
      td, th { padding: .2em 1em .2em 0; text-align: right }
      td:first-child, th:first-child { text-align: left }
      i { display: inline-block; width: .9em; height: .9em; margin-right: .5em }
      .wide { overflow-x: auto }
      </style></head><body>
      """;

  private final List<Slice> slices;
  private final int cpus;
  private final long first;
  private final long length;
  private final Map<String, Totals> totals = new LinkedHashMap<>();
  private final StringBuilder page = new StringBuilder(HEAD);

  private SliceTimeline(List<Slice> slices, int cpus, Duration duration) {
    this.cpus = cpus;
    long last = slices.stream().mapToLong(Slice::endedNanos).max().orElse(duration.toNanos());
    first = last - duration.toNanos();
    length = duration.toNanos();
    this.slices =
        slices.stream().filter(slice -> slice.endedNanos() > first).map(this::shown).toList();
    for (Slice slice : this.slices) {
      totals.computeIfAbsent(slice.vcpu(), name -> new Totals(totals.size())).add(slice);
    }
  }

  /** What is seen of a slice that began before. */
  private Slice shown(Slice slice) {
    return new Slice(
        slice.cpu(),
        slice.vcpu(),
        Math.max(first, slice.beganNanos()),
        slice.endedNanos(),
        slice.end());
  }

  static String page(List<Slice> slices, int cpus, Duration duration) {
    return new SliceTimeline(slices, cpus, duration).write();
  }

  /** What a vCPU had in all. */
  private static final class Totals {
    private final int number;
    private long nanos;
    private long longest;
    private int slices;
    private int preempted;

    Totals(int number) {
      this.number = number;
    }

    void add(Slice slice) {
      long ran = slice.endedNanos() - slice.beganNanos();
      nanos += ran;
      longest = Math.max(longest, ran);
      slices++;
      preempted += slice.end() == Slice.End.PREEMPTED ? 1 : 0;
    }

    String colour() {
      return "hsl(%d 60%% 55%%)".formatted(number * GOLDEN_ANGLE % CIRCLE);
    }
  }

  private String write() {
    add(
        "<h1>Time slices</h1><p>%d slices of %d vCPUs on %d physical CPUs in %.1f ms.",
        slices.size(), totals.size(), cpus, length / NANOS_PER_MILLI);
    add(" Point at one for its length.</p>");
    timeline();
    table();
    add("</body></html>%n");
    return page.toString();
  }

  private void timeline() {
    int height = cpus * ROW + 20;
    add("<div class=\"wide\"><svg viewBox=\"0 0 %d %d\" role=\"img\">%n", LEFT + WIDTH, height);
    for (int tick = 0; tick <= TICKS; tick++) {
      int x = LEFT + tick * WIDTH / TICKS;
      add("<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"0\" y2=\"%d\"/>", x, x, cpus * ROW);
      add(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%.1f ms</text>%n",
          x, height - 4, tick == TICKS ? "end" : "start", length * tick / TICKS / NANOS_PER_MILLI);
    }
    for (int cpu = 0; cpu < cpus; cpu++) {
      add("<text x=\"0\" y=\"%d\">pcpu%d</text>%n", cpu * ROW + BAR / 2 + 5, cpu);
    }
    slices.forEach(this::bar);
    add("</svg></div>%n");
  }

  private void bar(Slice slice) {
    double from = x(slice.beganNanos());
    double to = x(slice.endedNanos());
    add(
        "<rect x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\" fill=\"%s\">",
        LEFT + from,
        slice.cpu() * ROW,
        Math.max(0.3, to - from),
        BAR,
        totals.get(slice.vcpu()).colour());
    add(
        "<title>%s: %.3f ms, %s</title></rect>%n",
        slice.vcpu(),
        (slice.endedNanos() - slice.beganNanos()) / NANOS_PER_MILLI,
        slice.end().name().toLowerCase(Locale.ROOT));
  }

  private double x(long nanos) {
    return (double) (nanos - first) * WIDTH / length;
  }

  private void table() {
    add("<table><tr><th>vCPU</th><th>ran</th><th>of a CPU</th><th>slices</th>");
    add("<th>preempted</th><th>longest</th></tr>%n");
    totals.forEach((name, of) ->
        add(
            "<tr><td><i style=\"background:%s\"></i>%s</td><td>%.1f ms</td><td>%.1f %%</td>"
                + "<td>%d</td><td>%d</td><td>%.3f ms</td></tr>%n",
            of.colour(),
            name,
            of.nanos / NANOS_PER_MILLI,
            PERCENT * (double) of.nanos / length,
            of.slices,
            of.preempted,
            of.longest / NANOS_PER_MILLI));
    add("</table>%n");
  }

  private void add(String format, Object... values) {
    page.append(String.format(Locale.ROOT, format, values));
  }
}
