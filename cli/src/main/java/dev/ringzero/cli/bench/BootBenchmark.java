package dev.ringzero.cli.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Boots each subject in turn, and times the way to the shell's prompt and to power-off. */
final class BootBenchmark {
  private static final String PROMPT = BootSubject.HOSTNAME + ":~# ";
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final List<BootSubject> subjects;
  private final Map<BootSubject, Series> toPrompt = new LinkedHashMap<>();
  private final Map<BootSubject, Series> toPowerOff = new LinkedHashMap<>();

  BootBenchmark(List<BootSubject> subjects) {
    this.subjects = subjects;
    for (BootSubject subject : subjects) {
      toPrompt.put(subject, new Series());
      toPowerOff.put(subject, new Series());
    }
  }

  /** Boots each once; the first round warms the host's caches and is not counted. */
  void round(boolean counted) throws IOException, InterruptedException {
    for (BootSubject subject : subjects) {
      try (ConsoleRun run = new ConsoleRun(subject.command(), LIMIT)) {
        Duration prompt = run.await(PROMPT);
        run.type("poweroff");
        Duration end = run.awaitEnd();
        if (counted) {
          toPrompt.get(subject).add(prompt);
          toPowerOff.get(subject).add(end);
        }
      }
    }
  }

  String table() {
    StringBuilder table = new StringBuilder();
    table.append(String.format("%-22s %-26s %-26s%n", "", "to the prompt", "to power-off"));
    for (BootSubject subject : subjects) {
      table.append(
          String.format(
              "%-22s %-26s %-26s%n",
              subject.name(), cell(toPrompt.get(subject)), cell(toPowerOff.get(subject))));
    }
    for (BootSubject peer : subjects.subList(1, subjects.size())) {
      table.append(
          String.format(
              "%-22s %-26s %-26s%n",
              "ratio to " + peer.name().split(" ")[0],
              String.format("%.2f", ratio(toPrompt, peer)),
              String.format("%.2f", ratio(toPowerOff, peer))));
    }
    return table.toString();
  }

  private static String cell(Series series) {
    return String.format("%.2f s (%.2f to %.2f)", series.median(), series.min(), series.max());
  }

  private double ratio(Map<BootSubject, Series> times, BootSubject peer) {
    return times.get(subjects.getFirst()).median() / times.get(peer).median();
  }

  /** The same as {@link #table()}, for programs. */
  Map<String, Object> figures() {
    Map<String, Object> programs = new LinkedHashMap<>();
    programs.put("boot to prompt", figures(toPrompt));
    programs.put("boot to power-off", figures(toPowerOff));
    return programs;
  }

  private Map<String, Object> figures(Map<BootSubject, Series> times) {
    Map<String, Object> peers = new LinkedHashMap<>();
    Map<String, Object> ratios = new LinkedHashMap<>();
    for (BootSubject peer : subjects.subList(1, subjects.size())) {
      peers.put(peer.name(), seconds(times.get(peer)));
      ratios.put(peer.name(), ratio(times, peer));
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("ours", seconds(times.get(subjects.getFirst())));
    figures.put("peers", peers);
    figures.put("ratio", ratios);
    return figures;
  }

  private static Map<String, Object> seconds(Series series) {
    Map<String, Object> seconds = new LinkedHashMap<>();
    seconds.put("median", series.median());
    seconds.put("min", series.min());
    seconds.put("max", series.max());
    return seconds;
  }
}
