package dev.ringzero.cli.compare.scheduler;

import dev.ringzero.cli.bench.snapshot.IdleGuest;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.snapshot.Fork;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import dev.ringzero.vmm.schedule.ProcessorShare;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs copies of one guest under each setting: some always busy, one that mostly sleeps. */
final class ScheduledRuns {
  /** A thousand rounds of a shell's loop, then a dot. */
  private static final String BUSY =
      "while :; do j=0; while [ $j -lt 1000 ]; do j=$((j+1)); done; printf .; done";

  /** Wakes a hundred times a second, as an interactive program might. */
  private static final String SLEEPY =
      "mkfifo /tmp/f; exec 9<>/tmp/f; while :; do read -t 0.01 x <&9; printf .; done";

  private static final Duration SETTLES = Duration.ofSeconds(1);

  private final int physicalCpus;
  private final Duration duration;

  ScheduledRuns(int physicalCpus, Duration duration) {
    this.physicalCpus = physicalCpus;
    this.duration = duration;
  }

  SchedulerComparison run(ImageCache cache, Progress progress) throws InterruptedException {
    Map<SchedulerSetting, List<GuestFigures>> figures = new LinkedHashMap<>();
    try (GuestRun original = IdleGuest.boot("compare", cache, progress);
        Fork fork = Fork.of(original)) {
      run(fork, SchedulerSetting.ALL.getFirst()); // what runs first is compiled meanwhile
      for (SchedulerSetting setting : SchedulerSetting.ALL) {
        System.err.println("rz: " + setting.name());
        figures.put(setting, run(fork, setting));
      }
    }
    return new SchedulerComparison(physicalCpus, duration, figures);
  }

  private List<GuestFigures> run(Fork fork, SchedulerSetting setting) throws InterruptedException {
    List<GuestRun> runs = new ArrayList<>();
    try (PhysicalCpus cpus = new PhysicalCpus(physicalCpus, setting.sliceNanos())) {
      try {
        return run(fork, setting, cpus, runs);
      } finally {
        for (GuestRun run : runs) {
          run.machine().stop("compared");
          run.awaitEnd();
          run.close();
        }
      }
    }
  }

  private List<GuestFigures> run(
      Fork fork, SchedulerSetting setting, PhysicalCpus cpus, List<GuestRun> runs)
      throws InterruptedException {
    List<ScheduledGuest> guests = new ArrayList<>();
    guests.add(guest(fork, "sleepy", ProcessorShare.USUAL, cpus, runs));
    for (int n = 0; n < setting.shares().size(); n++) {
      guests.add(guest(fork, "busy" + (n + 1), setting.shares().get(n), cpus, runs));
    }
    for (ScheduledGuest guest : guests) {
      guest.type(guest == guests.getFirst() ? SLEEPY : BUSY);
    }
    Thread.sleep(SETTLES);
    guests.forEach(ScheduledGuest::mark);
    Thread.sleep(duration);
    return guests.stream().map(ScheduledGuest::figures).toList();
  }

  private static ScheduledGuest guest(
      Fork fork, String name, ProcessorShare share, PhysicalCpus cpus, List<GuestRun> runs) {
    GuestRun run = fork.make(name, share);
    runs.add(run);
    ScheduledGuest guest = new ScheduledGuest(run, name);
    run.start(cpus);
    return guest;
  }
}
