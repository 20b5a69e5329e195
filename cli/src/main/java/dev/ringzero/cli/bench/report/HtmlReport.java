package dev.ringzero.cli.bench.report;

import static dev.ringzero.cli.bench.report.HtmlText.escaped;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Ratio;
import dev.ringzero.cli.bench.Results;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.subject.Subject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/** Figures as a page that needs no other file and no network. */
public final class HtmlReport {
  private final Session session;
  private final Results results;
  private final Subject ours;
  private final StringBuilder page = new StringBuilder();

  private HtmlReport(Session session) {
    this.session = session;
    this.results = session.results();
    this.ours = session.subjects().ours();
  }

  /** The page. */
  public static String of(Session session, Setting setting) {
    return new HtmlReport(session).write(setting);
  }

  private String write(Setting setting) {
    page.append(HtmlPage.begin("RingZero benchmark"));
    add("<p>%s</p>%n", escaped(setting.words()));
    means();
    session.subjects().peers().forEach(this::chart);
    table();
    notes();
    return page.append(HtmlPage.end()).toString();
  }

  private void means() {
    add("<div class=\"means\">%n");
    for (Subject peer : session.subjects().peers()) {
      OptionalDouble all = results.geometricMean(ours, peer, program -> true);
      if (all.isPresent()) {
        add("<section><h2>%s</h2>%n", escaped(peer.name()));
        add("<div class=\"large\">%.2f ×</div>%n", all.getAsDouble());
        add("<p>as fast, geometric mean of %d programs</p>%n<dl>%n", ratios(peer).size());
        for (Group group : Group.values()) {
          results
              .geometricMean(ours, peer, inGroup(group))
              .ifPresent(mean -> add("<dt>%s</dt><dd>%.2f</dd>%n", group.title(), mean));
        }
        add("</dl></section>%n");
      }
    }
    add("</div>%n");
  }

  private static Predicate<Program> inGroup(Group group) {
    return program -> program.group() == group;
  }

  private Map<Program, Ratio> ratios(Subject peer) {
    Map<Program, Ratio> ratios = new LinkedHashMap<>();
    for (Program program : results.programs()) {
      results.ratio(program, ours, peer).ifPresent(ratio -> ratios.put(program, ratio));
    }
    return ratios;
  }

  private void chart(Subject peer) {
    Map<Program, Ratio> ratios = ratios(peer);
    if (ratios.isEmpty()) {
      return;
    }
    String title = "Times as fast as " + peer.name();
    add("<section><h2>%s</h2>%n", escaped(title));
    add("<p class=\"key\">logarithmic; the thin line is the spread of the rounds");
    add("<i class=\"faster\"></i>RingZero is faster<i class=\"slower\"></i>slower</p>%n");
    add("<div class=\"chart\">").append(new RatioChart(ratios).write(title));
    add("</div></section>%n");
  }

  private void table() {
    List<Subject> subjects = session.subjects().all();
    add("<section><h2>Seconds</h2>%n<p>medians, with least and most</p>%n<div class=\"wide\">");
    add("<table>%n<tr><th>program</th>");
    subjects.forEach(subject -> add("<th>%s</th>", escaped(subject.name())));
    add("</tr>%n");
    for (Group group : Group.values()) {
      List<Program> programs = results.programs().stream().filter(inGroup(group)).toList();
      if (!programs.isEmpty()) {
        add("<tr class=\"group\"><td>%s</td></tr>%n", group.title());
        programs.forEach(program -> row(program, subjects));
      }
    }
    add("</table></div></section>%n");
  }

  private void row(Program program, List<Subject> subjects) {
    add("<tr><td title=\"%s\">%s</td>", escaped(program.summary()), escaped(program.name()));
    for (Subject subject : subjects) {
      if (results.failure(program, subject).isPresent()) {
        add("<td class=\"failed\">failed</td>");
      } else {
        results
            .series(program, subject)
            .ifPresentOrElse(
                series ->
                    add(
                        "<td>%.3f <small>%.3f–%.3f</small></td>",
                        series.median(), series.min(), series.max()),
                () -> add("<td>–</td>"));
      }
    }
    add("</tr>%n");
  }

  private void notes() {
    add("<section><h2>How it was taken</h2>%n<dl>%n");
    for (Subject subject : session.subjects().all()) {
      add("<dt>%s</dt><dd>%s</dd>%n", escaped(subject.name()), escaped(subject.how()));
    }
    add("</dl>%n<p>All guests boot the same kernel and the same files, stay up, and take turns;");
    add(" times are taken on the host, and what a program prints is checked.</p>%n");
    session.subjects().absent().forEach(line -> add("<p>%s</p>%n", escaped(line)));
    results
        .failureLines(session.subjects().all())
        .forEach(line -> add("<p class=\"failed\">%s</p>%n", escaped(line)));
    add("</section>%n");
  }

  private StringBuilder add(String format, Object... values) {
    return page.append(String.format(Locale.ROOT, format, values));
  }
}
