package dev.ringzero.cli.doctor;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.protocol.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz doctor}: what this host offers, in plain words. */
public final class DoctorCommand implements Command {
  @Override
  public String name() {
    return "doctor";
  }

  @Override
  public String summary() {
    return "tell what this host offers, and why not where it does not";
  }

  @Override
  public Options options() {
    return new OptionTable().flag("json", "as JSON, an object a line").options();
  }

  @Override
  public int run(CommandLine line) {
    List<Finding> findings = HostChecks.all();
    for (Finding finding : findings) {
      System.out.println(line.hasOption("json") ? json(finding) : text(finding));
    }
    boolean usable = findings.stream().noneMatch(found -> found.verdict() == Finding.Verdict.BAD);
    return usable ? ExitStatus.OK : ExitStatus.FAILED;
  }

  private static String text(Finding finding) {
    String verdict = finding.verdict().name().toLowerCase(Locale.ROOT);
    return "%-18s %-8s %s".formatted(finding.subject(), verdict, finding.words());
  }

  private static String json(Finding finding) {
    return Json.write(
        Map.of(
            "subject", finding.subject(),
            "verdict", finding.verdict().name(),
            "words", finding.words()));
  }
}
