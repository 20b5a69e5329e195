package dev.ringzero.cli.bench;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.bench.report.HtmlReport;
import dev.ringzero.cli.bench.report.JsonReport;
import dev.ringzero.cli.bench.report.Setting;
import dev.ringzero.cli.bench.report.TextReport;
import dev.ringzero.cli.bench.subject.Subjects;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.images.ImageCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz bench}: the same work on RingZero and on the peers that are installed, in one run. */
public final class BenchCommand implements Command {
  private static final int RUNS = 3;
  private static final int MOST_RUNS = 100;
  private static final String STANDARD_OUTPUT = "-";

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public String summary() {
    return "measure RingZero beside the peers that are installed";
  }

  @Override
  public String operands() {
    return "[list | PROGRAM or GROUP...]";
  }

  @Override
  public int maximumOperands() {
    return Integer.MAX_VALUE;
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("runs", "N", "counted runs of each, in turn, after one that is not counted (3)")
        .flag("quick", "one run of each and no other")
        .value("peers", "LIST", "some of " + String.join(",", Subjects.PEERS) + ", or none (all)")
        .value("clock", "KIND", "wall, or cpu: processor time, for a busy host (wall)")
        .value("json", "FILE", "write all figures as JSON; - for standard output")
        .value("html", "FILE", "write a page with plots, which needs no other file")
        .options();
  }

  @Override
  public String notes() {
    return """

    rz bench list shows the programs and their groups; without a name all are measured, which
    takes some minutes; but for memory, which compares the ways to virtualize memory. Times are taken on this host, in seconds; a ratio says how many times as
    fast as the peer RingZero is. Programs whose output is wrong have no time.
    Exit status: 0 all was measured, 1 a program failed somewhere.
    """;
  }

  @Override
  public int run(CommandLine line) throws Exception {
    List<String> names = line.getArgList();
    if (names.equals(List.of("list"))) {
      System.out.print(TextReport.list(Suites.programs()));
      return ExitStatus.OK;
    }
    Set<Program> chosen = Suites.chosen(names);
    checkWritable(line, "json");
    checkWritable(line, "html");
    Session session = session(line, chosen);
    session.subjects().absent().forEach(session::tell);
    Setting setting = Setting.ofThisHost(session);
    for (Suite suite : Suites.ALL) {
      List<Program> some = suite.programs().stream().filter(chosen::contains).toList();
      if (!some.isEmpty()) {
        suite.measure(some, session);
      }
    }
    report(line, session, setting);
    return session.results().failed() ? ExitStatus.FAILED : ExitStatus.OK;
  }

  private static Session session(CommandLine line, Set<Program> chosen)
      throws IOException, InterruptedException {
    boolean quick = line.hasOption("quick");
    if (quick && line.hasOption("runs")) {
      throw new UsageException("--quick is one run: it does not go with --runs");
    }
    String runs = line.getOptionValue("runs", Integer.toString(quick ? 1 : RUNS));
    String peers = line.getOptionValue("peers");
    List<String> wanted = peers == null ? Subjects.PEERS : Subjects.wanted(peers);
    Clock clock = clock(line.getOptionValue("clock", "wall"));
    return new Session(
        Quantity.number("--runs", runs, 1, MOST_RUNS),
        !quick,
        clock,
        subjects(Subjects.find(wanted, clock), chosen),
        new Results(),
        ImageCache.ofUser());
  }

  private static Subjects subjects(Subjects found, Set<Program> chosen) {
    Subjects subjects = found;
    for (Suite suite : Suites.ALL) {
      if (suite.programs().stream().anyMatch(chosen::contains)) {
        subjects = suite.subjects(subjects);
      }
    }
    return subjects;
  }

  private static Clock clock(String text) {
    return switch (text) {
      case "wall" -> Clock.WALL;
      case "cpu" -> Clock.CPU;
      default -> throw new UsageException("--clock takes wall or cpu, not " + text);
    };
  }

  /** Before minutes are spent on figures that cannot be kept. */
  private static void checkWritable(CommandLine line, String option) {
    String file = line.getOptionValue(option);
    if (file == null || file.equals(STANDARD_OUTPUT)) {
      return;
    }
    Path directory = Path.of(file).toAbsolutePath().getParent();
    if (Files.isDirectory(Path.of(file)) || !Files.isWritable(directory)) {
      throw new UsageException("--" + option + ": cannot write " + file);
    }
  }

  private static void report(CommandLine line, Session session, Setting setting)
      throws IOException {
    String json = line.getOptionValue("json");
    if (json != null) {
      write(json, JsonReport.of(session, setting) + "\n");
    }
    String html = line.getOptionValue("html");
    if (html != null) {
      write(html, HtmlReport.of(session, setting));
    }
    if (!STANDARD_OUTPUT.equals(json) && !STANDARD_OUTPUT.equals(html)) {
      System.out.print(TextReport.of(session, setting));
    }
  }

  private static void write(String file, String text) throws IOException {
    if (file.equals(STANDARD_OUTPUT)) {
      System.out.print(text);
    } else {
      Files.writeString(Path.of(file), text);
    }
  }
}
