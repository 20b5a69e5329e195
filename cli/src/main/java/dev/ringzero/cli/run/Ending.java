package dev.ringzero.cli.run;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.control.console.CommandOutput;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.run.GuestEnd;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.run.RunStatistics;
import dev.ringzero.engine.TranslationStatistics;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What is left to say when a guest has ended. */
final class Ending {
  private static final int NANOS_PER_MICRO = 1000;
  private static final int MOST_INTERPRETED = 20;
  private static final int MEBIBYTE_SHIFT = 20;
  private static final int LAST_LINES = 20;

  private final RunOptions options;
  private final PrintStream err;
  private final GuestEnd end;
  private final OptionalInt commandStatus;
  private final RunStatistics statistics;
  private final Optional<Map<String, Object>> span;
  private final Duration duration;
  private final String lastOutput;

  /** Keeps what is needed, so that the machine can be closed. */
  Ending(
      RunOptions options,
      PrintStream err,
      GuestRun run,
      GuestEnd end,
      Optional<CommandOutput> output,
      Optional<MeasuredSpan> span) {
    this.options = options;
    this.err = err;
    this.end = end;
    this.commandStatus = output.map(CommandOutput::status).orElse(OptionalInt.empty());
    this.statistics = run.statistics();
    this.span = span.flatMap(MeasuredSpan::toMap);
    this.duration = Duration.between(run.started(), Instant.now());
    this.lastOutput = new String(run.history().kept(), StandardCharsets.UTF_8);
  }

  /** Tells the user, and gives the status with which to end. */
  int report() {
    if (options.statistics()) {
      PrintStream out = err;
      if (options.json()) {
        out.println(Json.write(toMap()));
      } else {
        print(out);
      }
    }
    if (commandStatus.isPresent()) {
      return commandStatus.getAsInt();
    }
    explain();
    return status();
  }

  private int status() {
    return switch (end.cause()) {
      case POWER_OFF -> options.command().isPresent() ? ExitStatus.FAILED : ExitStatus.OK;
      case RESET -> ExitStatus.RESET;
      case PANIC -> ExitStatus.PANIC;
      case TRIPLE_FAULT -> ExitStatus.TRIPLE_FAULT;
      case STOPPED -> ExitStatus.STOPPED;
      case TIMEOUT -> ExitStatus.TIMEOUT;
      case EXITED -> end.status();
      case OUT_OF_MEMORY -> ExitStatus.OUT_OF_MEMORY;
      case FAILED -> ExitStatus.FAILED;
    };
  }

  private void explain() {
    String text =
        switch (end.cause()) {
          case EXITED -> "";
          case POWER_OFF ->
              options.command().isPresent() ? "the guest ended before the command did" : "";
          case RESET -> "the guest asked for a reset";
          case PANIC -> "the guest's kernel panicked";
          case TRIPLE_FAULT -> "the guest's processor shut down after a triple fault";
          case STOPPED -> "the guest was stopped";
          case TIMEOUT -> "the guest was stopped: it ran longer than --timeout allows";
          case OUT_OF_MEMORY, FAILED -> "the guest was stopped";
        };
    if (!text.isEmpty()) {
      if (options.command().isPresent()) {
        lastLines();
      } else if (options.serial().isEmpty()
          && !lastOutput.isEmpty()
          && !lastOutput.endsWith("\n")) {
        err.println();
      }
      err.println("rz: " + text + (end.detail().isEmpty() ? "" : " (" + end.detail() + ")"));
    }
  }

  /** With --exec the kernel's own words are shown only where something went wrong. */
  private void lastLines() {
    String[] lines = lastOutput.split("\r?\n");
    for (int i = Math.max(0, lines.length - LAST_LINES); i < lines.length; i++) {
      if (!lines[i].isBlank()) {
        err.println("  | " + lines[i]);
      }
    }
  }

  private Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("end", end.cause().name());
    map.put("seconds", duration.toMillis() / 1000.0);
    map.putAll(statistics.toMap());
    span.ifPresent(both -> map.put("between", both));
    return map;
  }

  private void print(PrintStream out) {
    double seconds = duration.toNanos() / 1e9;
    out.printf("%n%-28s %,18.3f%n", "seconds", seconds);
    figure(out, "instructions", statistics.instructions());
    if (statistics.instructions() >= 0) {
      figure(out, "instructions per second", (long) (statistics.instructions() / seconds));
    }
    figure(out, "TLB misses", statistics.tlbMisses());
    figure(out, "page-walk references", statistics.walkReferences());
    if (statistics.comparedTranslations() >= 0) {
      figure(out, "translations compared", statistics.comparedTranslations());
    }
    out.printf(
        "%-28s %,18d of %d MiB (%d MiB given)%n",
        "memory touched, MiB",
        statistics.touchedBytes() >> MEBIBYTE_SHIFT,
        statistics.ramBytes() >> MEBIBYTE_SHIFT,
        statistics.givenBytes() >> MEBIBYTE_SHIFT);
    out.printf("%-28s %18s %14s%n", "exits", "count", "microseconds");
    for (RunStatistics.Exits exits : statistics.exits()) {
      out.printf(
          "  %-26s %,18d %,14d%n", exits.reason(), exits.count(), exits.nanos() / NANOS_PER_MICRO);
    }
    if (statistics.innerEntries() > 0) {
      out.printf("%-28s %,18d entries%n", "guests of the guest", statistics.innerEntries());
      out.printf("%-28s %18s %14s%n", "  exits to the guest", "count", "microseconds");
    }
    for (RunStatistics.InnerExits exits : statistics.innerExits()) {
      out.printf(
          "    %-24s %,18d %,14d%n",
          exits.reason(), exits.count(), exits.nanos() / NANOS_PER_MICRO);
    }
    out.printf("%-28s %18s%n", "memory virtualization", statistics.memoryVirtualization());
    statistics.memoryFigures().forEach((name, value) -> figure(out, "  " + name, value));
    statistics.translation().ifPresent(figures -> print(out, figures));
  }

  private static void print(PrintStream out, TranslationStatistics figures) {
    figure(out, "translated blocks", figures.blocks());
    figure(out, "  kept from earlier runs", figures.loaded());
    figure(out, "  guest bytes", figures.guestBytes());
    figure(out, "  host bytes", figures.hostBytes());
    figure(out, "  microseconds", figures.nanos() / NANOS_PER_MICRO);
    figure(out, "  of them verifying", figures.verifyNanos() / NANOS_PER_MICRO);
    figure(out, "  pages dropped", figures.pagesDropped());
    figure(out, "  evictions of all", figures.evictions());
    if (figures.compared() >= 0) {
      figure(out, "  compared", figures.compared());
    }
    out.printf("%-28s%n", "translated code: TLB");
    figure(out, "  first level hits", figures.firstLevelHits());
    figure(out, "  second level hits", figures.secondLevelHits());
    figure(out, "  misses", figures.misses());
    out.printf("%-28s%n", "translated code: left for");
    figures.exits().forEach((kind, count) -> figure(out, "  " + kind, count));
    out.printf("%-28s%n", "interpreted one by one");
    figures.interpreted().entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(MOST_INTERPRETED)
        .forEach(entry -> figure(out, "  " + entry.getKey(), entry.getValue()));
  }

  private static void figure(PrintStream out, String name, long value) {
    out.printf("%-28s %18s%n", name, value < 0 ? "not counted" : "%,d".formatted(value));
  }
}
