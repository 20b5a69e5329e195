package dev.ringzero.cli.compare.scheduler;

import dev.ringzero.vmm.schedule.PhysicalCpus;
import dev.ringzero.vmm.schedule.ProcessorShare;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One way to share processors between the guests that always want to run.
 *
 * @param name for people
 * @param sliceNanos for how long one may run while others want to
 * @param shares of each of the busy guests; the one that mostly sleeps has the usual share
 */
record SchedulerSetting(String name, long sliceNanos, List<ProcessorShare> shares) {
  private static final int BUSY_GUESTS = 3;
  private static final int CAP_PERCENT = 20;
  private static final long NANOS_PER_MICRO = 1000;
  private static final long SHORT_NANOS = 200_000;
  private static final long LONG_NANOS = 20_000_000;

  private static final ProcessorShare USUAL = ProcessorShare.USUAL;

  /** What is compared; the first is what all others are measured by. */
  static final List<SchedulerSetting> ALL =
      List.of(
          equal("equal", PhysicalCpus.USUAL_SLICE_NANOS),
          new SchedulerSetting(
              "weights 100, 200, 300",
              PhysicalCpus.USUAL_SLICE_NANOS,
              List.of(weight(100), weight(200), weight(300))),
          new SchedulerSetting(
              "first capped at " + CAP_PERCENT + " %",
              PhysicalCpus.USUAL_SLICE_NANOS,
              List.of(
                  new ProcessorShare(ProcessorShare.USUAL_WEIGHT, CAP_PERCENT, Set.of()),
                  USUAL,
                  USUAL)),
          equal("short slices", SHORT_NANOS),
          equal("long slices", LONG_NANOS));

  private static SchedulerSetting equal(String name, long sliceNanos) {
    ProcessorShare[] shares = new ProcessorShare[BUSY_GUESTS];
    Arrays.fill(shares, USUAL);
    return new SchedulerSetting(name, sliceNanos, List.of(shares));
  }

  private static ProcessorShare weight(int weight) {
    return new ProcessorShare(weight, ProcessorShare.NO_CAP, Set.of());
  }

  long sliceMicros() {
    return sliceNanos / NANOS_PER_MICRO;
  }

  /** Weights and caps as they are written. */
  String words() {
    return shares.stream().map(SchedulerSetting::words).collect(Collectors.joining(", "));
  }

  private static String words(ProcessorShare share) {
    return share.capPercent() == ProcessorShare.NO_CAP
        ? Integer.toString(share.weight())
        : share.weight() + " <= " + share.capPercent() + " %";
  }
}
