package dev.ringzero.cli.compare.scheduler;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the same guests had and did under each setting.
 *
 * @param duration for which each setting was watched
 */
record SchedulerComparison(
    int physicalCpus, Duration duration, Map<SchedulerSetting, List<GuestFigures>> figures) {
  private static final int PERCENT = 100;
  private static final String ROW = "  %-8s %8.1f %8.1f %10.0f %12.0f %10.1f%n";

  /** Work of all busy guests together, as a part of what they did under the first setting. */
  double work(SchedulerSetting setting) {
    double base = busyWork(figures.values().iterator().next());
    return base == 0 ? 0 : busyWork(figures.get(setting)) / base;
  }

  private static double busyWork(List<GuestFigures> guests) {
    return guests.stream().skip(1).mapToDouble(GuestFigures::workPerSecond).sum();
  }

  String text() {
    StringBuilder text = new StringBuilder();
    add(text, "%d physical CPU%s, %.1f s each%n", physicalCpus, s(), duration.toMillis() / 1e3);
    figures.forEach((setting, guests) -> {
      add(text, "%n%s: weights %s, ", setting.name(), setting.words());
      add(
          text,
          "slices of %.1f ms; busy guests' work %.2f%n",
          setting.sliceMicros() / 1e3,
          work(setting));
      add(
          text,
          "  %-8s %8s %8s %10s %12s %10s%n",
          "",
          "CPU %",
          "WAIT %",
          "slices/s",
          "wait us",
          "work/s");
      for (GuestFigures of : guests) {
        add(
            text,
            ROW,
            of.name(),
            of.share() * PERCENT,
            of.waited() * PERCENT,
            of.slicesPerSecond(),
            of.waitMicros(),
            of.workPerSecond());
      }
    });
    return text.toString();
  }

  private String s() {
    return physicalCpus == 1 ? "" : "s";
  }

  private static void add(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }

  Map<String, Object> toMap() {
    List<Object> settings = new ArrayList<>();
    figures.forEach((setting, guests) -> {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("setting", setting.name());
      map.put("shares", setting.words());
      map.put("sliceMicros", setting.sliceMicros());
      map.put("work", work(setting));
      map.put("guests", guests.stream().map(GuestFigures::toMap).toList());
      settings.add(map);
    });
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("physicalCpus", physicalCpus);
    map.put("seconds", duration.toMillis() / 1e3);
    map.put("settings", settings);
    return map;
  }
}
