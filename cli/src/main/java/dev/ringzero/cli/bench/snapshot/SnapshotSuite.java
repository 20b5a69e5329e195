package dev.ringzero.cli.bench.snapshot;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.Suite;
import dev.ringzero.cli.bench.subject.RingZero;
import dev.ringzero.cli.bench.subject.Subject;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.snapshot.Fork;
import dev.ringzero.control.snapshot.Restoration;
import dev.ringzero.control.snapshot.SnapshotSave;
import dev.ringzero.control.snapshot.SnapshotStore;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Saving the default guest at its shell, restoring it until that shell answers, and making copies
 * of it, inside one JVM that is warm. Peers have no such times here: Firecracker's are published
 * ones.
 */
public final class SnapshotSuite implements Suite {
  private static final Program SAVE =
      new Program(
          "snapshot-save",
          Group.SNAPSHOT,
          "to a durable snapshot of 512 MiB, a guest at its shell");
  private static final Program STAND_STILL =
      new Program(
          "snapshot-pause", Group.SNAPSHOT, "of this, the time that the guest stands still");
  private static final Program RESTORE =
      new Program("snapshot-restore", Group.SNAPSHOT, "from the snapshot to the shell's answer");
  private static final Program FORK =
      new Program("fork-50", Group.SNAPSHOT, "50 copies of a running guest, until all of them run");
  private static final String PUBLISHED =
      "published by Firecracker for its own microVMs on bare metal: boot to user code <= 125 ms,"
          + " memory overhead of the VMM <= 5 MiB a microVM; restoring maps the memory file";

  private static final int COPIES = 50;
  private static final int WARM_UPS = 8;
  private static final String NAME = "bench";
  private static final double NANOS = 1e9;

  @Override
  public List<Program> programs() {
    return List.of(SAVE, STAND_STILL, RESTORE, FORK);
  }

  @Override
  public void measure(List<Program> chosen, Session session)
      throws IOException, InterruptedException {
    Subject ours = ours(session);
    Path folder = Files.createTempDirectory(session.cache().directory("bench"), "snapshots-");
    SnapshotStore store = new SnapshotStore(folder);
    session.tell("booting a guest");
    try (GuestRun run = IdleGuest.boot("bench", session.cache(), session.progress())) {
      for (int round = 1 - WARM_UPS; round <= session.runs(); round++) {
        long began = System.nanoTime();
        SnapshotSave.Saved saved = new SnapshotSave(store).save(run, NAME, true);
        double save = seconds(began);
        double restore = restore(store);
        if (round > 0) {
          session.results().add(SAVE, ours, save);
          session.results().add(STAND_STILL, ours, saved.stoodStill().toNanos() / NANOS);
          session.results().add(RESTORE, ours, restore);
        }
      }
      if (chosen.contains(FORK)) {
        for (int round : session.rounds()) {
          double fork = fork(run);
          if (round > 0) {
            session.results().add(FORK, ours, fork);
          }
        }
      }
    } finally {
      delete(folder);
    }
    chosen.forEach(session::tellTimes);
    session.tell(PUBLISHED);
  }

  static Subject ours(Session session) {
    return session.subjects().all().stream()
        .filter(RingZero.class::isInstance)
        .findFirst()
        .orElseThrow();
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / NANOS;
  }

  private static double restore(SnapshotStore store) throws InterruptedException {
    long began = System.nanoTime();
    try (GuestRun run = Restoration.make(store.get(NAME), "restored")) {
      run.start(PhysicalCpus.host());
      IdleGuest.answer(run);
      return seconds(began);
    }
  }

  private static double fork(GuestRun run) throws InterruptedException {
    List<GuestRun> copies = new ArrayList<>();
    try {
      long began = System.nanoTime();
      try (Fork fork = Fork.of(run)) {
        for (int i = 0; i < COPIES; i++) {
          GuestRun copy = fork.make("copy" + i);
          copies.add(copy);
          copy.start(PhysicalCpus.host());
        }
      }
      double seconds = seconds(began);
      IdleGuest.answer(copies.getLast());
      return seconds;
    } finally {
      copies.forEach(GuestRun::close);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
