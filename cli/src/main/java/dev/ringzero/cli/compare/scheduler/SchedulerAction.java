package dev.ringzero.cli.compare.scheduler;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.cli.terminal.ProgressLine;
import dev.ringzero.images.ImageCache;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;

/** {@code rz compare --schedulers}. */
public final class SchedulerAction {
  private static final Duration USUAL = Duration.ofSeconds(3);
  private static final Duration MOST = Duration.ofMinutes(1);
  private static final int MOST_CPUS = 16;

  private final SchedulerComparison comparison;

  private SchedulerAction(SchedulerComparison comparison) {
    this.comparison = comparison;
  }

  /** Runs all settings, as the options say. */
  public static SchedulerAction run(CommandLine line) throws InterruptedException {
    for (String option : List.of("program", "exec", "cpus")) {
      if (line.hasOption(option)) {
        throw new UsageException("--" + option + " does not go with --schedulers");
      }
    }
    Duration duration =
        Optional.ofNullable(line.getOptionValue("for"))
            .map(text -> Quantity.duration("--for", text))
            .orElse(USUAL);
    if (duration.isZero() || duration.compareTo(MOST) > 0) {
      throw new UsageException("--for takes a time up to 1m, and more than none");
    }
    int cpus =
        Optional.ofNullable(line.getOptionValue("physical-cpus"))
            .map(text -> Quantity.number("--physical-cpus", text, 1, MOST_CPUS))
            .orElse(1);
    ScheduledRuns runs = new ScheduledRuns(cpus, duration);
    return new SchedulerAction(runs.run(ImageCache.ofUser(), new ProgressLine()));
  }

  public String text() {
    return comparison.text();
  }

  public Map<String, Object> toMap() {
    return comparison.toMap();
  }

  public String page() {
    return SchedulerPage.of(comparison);
  }
}
