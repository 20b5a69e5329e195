package dev.ringzero.cli.bench.snapshot;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.Suite;
import dev.ringzero.cli.bench.subject.Subject;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.snapshot.Fork;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Many idle copies of one guest in this JVM: what each of them costs. */
public final class DensitySuite implements Suite {
  private static final Program DENSITY =
      new Program("density-100", Group.DENSITY, "100 copies of a guest, until all of them run");
  private static final int COPIES = 100;
  private static final long SETTLE_SECONDS = 30;
  private static final int MOST_WINDOWS = 10;
  private static final long WATCH_SECONDS = 10;

  /** Copies have settled when a window is no quieter than this part of the one before. */
  private static final double SETTLED = 0.9;

  private static final String PUBLISHED =
      "published by Firecracker for its own microVMs on bare metal: memory overhead of the VMM"
          + " <= 5 MiB a microVM";

  private static final double NANOS = 1e9;
  private static final double MEBIBYTE = 1 << 20;

  @Override
  public List<Program> programs() {
    return List.of(DENSITY);
  }

  @Override
  public void measure(List<Program> chosen, Session session)
      throws IOException, InterruptedException {
    Subject ours = SnapshotSuite.ours(session);
    session.tell("booting a guest");
    List<GuestRun> copies = new ArrayList<>();
    try (GuestRun run = IdleGuest.boot("bench", session.cache(), session.progress())) {
      copies.add(fork(run, 1).getFirst());
      TimeUnit.SECONDS.sleep(WATCH_SECONDS);
      ProcessMemory before = ProcessMemory.now();
      long began = System.nanoTime();
      copies.addAll(fork(run, COPIES));
      session.results().add(DENSITY, ours, (System.nanoTime() - began) / NANOS);
      TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
      double idle = settledShare();
      ProcessMemory after = ProcessMemory.now();
      IdleGuest.answer(copies.getLast());
      session.tellTimes(DENSITY);
      session.tell(
          "  a copy: %.1f MiB of its own, besides the %.1f MiB that its guest wrote; all together"
                  .formatted(
                      (after.otherBytes() - before.otherBytes()) / MEBIBYTE / COPIES,
                      (after.writtenBytes() - before.writtenBytes()) / MEBIBYTE / COPIES)
              + " %.1f %% of one core while idle, and %.0f MiB resident"
                  .formatted(idle * 100, after.residentBytes() / MEBIBYTE));
      session.tell(PUBLISHED);
    } finally {
      copies.forEach(GuestRun::close);
    }
  }

  private static List<GuestRun> fork(GuestRun run, int count) {
    List<GuestRun> copies = new ArrayList<>();
    try (Fork fork = Fork.of(run)) {
      for (int i = 0; i < count; i++) {
        GuestRun copy = fork.make("copy" + i);
        copies.add(copy);
        copy.start(PhysicalCpus.host());
      }
    }
    return copies;
  }

  /** Each copy has a little to do first; then it idles. */
  private static double settledShare() throws InterruptedException {
    double before = idleShare();
    double now = idleShare();
    for (int i = 0; i < MOST_WINDOWS && now < before * SETTLED; i++) {
      before = now;
      now = idleShare();
    }
    return now;
  }

  private static double idleShare() throws InterruptedException {
    long cpu = cpuNanos();
    long began = System.nanoTime();
    TimeUnit.SECONDS.sleep(WATCH_SECONDS);
    return (cpuNanos() - cpu) / (double) (System.nanoTime() - began);
  }

  private static long cpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }
}
