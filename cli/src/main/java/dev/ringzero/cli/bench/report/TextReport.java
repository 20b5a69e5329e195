package dev.ringzero.cli.bench.report;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Results;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.subject.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Figures as a table for a terminal. */
public final class TextReport {
  private static final int NAME_WIDTH = 19;
  private static final String NAME = "%-" + NAME_WIDTH + "s";
  private static final String ABSENT = "-";

  private final Session session;
  private final Results results;
  private final StringBuilder out = new StringBuilder();

  private TextReport(Session session) {
    this.session = session;
    this.results = session.results();
  }

  /** All that can be measured. */
  public static String list(List<Program> programs) {
    StringBuilder out = new StringBuilder();
    for (Program program : programs) {
      out.append(
          "%-19s %-8s %s%n".formatted(program.name(), program.group().key(), program.summary()));
    }
    return out.toString();
  }

  /** Times, ratios, means and failures. */
  public static String of(Session session, Setting setting) {
    return new TextReport(session).write(setting);
  }

  private String write(Setting setting) {
    heading();
    for (Group group : Group.values()) {
      List<Program> programs =
          results.programs().stream().filter(program -> program.group() == group).toList();
      if (!programs.isEmpty()) {
        out.append('\n');
        programs.forEach(this::line);
        mean("  mean", program -> program.group() == group);
      }
    }
    out.append('\n');
    mean("mean of all", program -> true);
    footing(setting);
    return out.toString();
  }

  private void heading() {
    out.append(NAME.formatted("")).append("%19s".formatted("RingZero"));
    session
        .subjects()
        .peers()
        .forEach(peer -> out.append("%19s%21s".formatted(peer.name(), "times as fast")));
    out.append('\n');
  }

  private void line(Program program) {
    out.append(NAME.formatted(program.name()));
    out.append("%19s".formatted(time(program, session.subjects().ours())));
    for (Subject peer : session.subjects().peers()) {
      out.append("%19s".formatted(time(program, peer)));
      out.append(
          "%21s"
              .formatted(
                  results
                      .ratio(program, session.subjects().ours(), peer)
                      .map(ratio ->
                          "%.2f (%.2f-%.2f)".formatted(ratio.median(), ratio.min(), ratio.max()))
                      .orElse(ABSENT)));
    }
    out.append('\n');
  }

  private String time(Program program, Subject subject) {
    if (results.failure(program, subject).isPresent()) {
      return "failed";
    }
    return results
        .series(program, subject)
        .map(series -> {
          double spread = (series.max() - series.min()) / 2 / series.median();
          return "%.3f s ±%2.0f%%".formatted(series.median(), spread * 100);
        })
        .orElse(ABSENT);
  }

  private void mean(String name, Predicate<Program> filter) {
    out.append(NAME.formatted(name)).append("%19s".formatted(""));
    for (Subject peer : session.subjects().peers()) {
      var mean = results.geometricMean(session.subjects().ours(), peer, filter);
      String words = mean.isPresent() ? "%.2f".formatted(mean.getAsDouble()) : ABSENT;
      out.append("%19s%-21s".formatted("", " ".repeat(5) + words));
    }
    out.append('\n');
  }

  private void footing(Setting setting) {
    List<String> lines = new ArrayList<>();
    lines.add(setting.words());
    session.subjects().all().forEach(subject -> lines.add(subject.name() + ": " + subject.how()));
    lines.addAll(session.subjects().absent());
    lines.addAll(results.failureLines(session.subjects().all()));
    out.append('\n');
    lines.forEach(line -> out.append(line).append('\n'));
  }
}
