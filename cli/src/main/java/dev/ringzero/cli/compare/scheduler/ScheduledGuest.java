package dev.ringzero.cli.compare.scheduler;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.vmm.machine.Console;
import dev.ringzero.vmm.schedule.VcpuTime;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/** A guest that writes a dot for each piece of work it did, and what it had since it was marked. */
final class ScheduledGuest implements Console.Listener {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MICRO = 1e3;

  private final GuestRun run;
  private final String name;
  private final AtomicLong dots = new AtomicLong();
  private long markedNanos;
  private long dotsBefore;
  private VcpuTime before;

  ScheduledGuest(GuestRun run, String name) {
    this.run = run;
    this.name = name;
    run.machine().console().addListener(this);
  }

  /** Types a line into its shell. */
  void type(String line) throws InterruptedException {
    byte[] keys = (line + "\n").getBytes(StandardCharsets.US_ASCII);
    run.type(keys, keys.length);
  }

  @Override
  public void output(byte[] bytes, int lengthBytes) {
    for (int i = 0; i < lengthBytes; i++) {
      if (bytes[i] == '.') {
        dots.incrementAndGet();
      }
    }
  }

  /** From now on it counts. */
  void mark() {
    markedNanos = System.nanoTime();
    dotsBefore = dots.get();
    before = run.machine().times().getFirst();
  }

  /** What it had and did since it was marked. */
  GuestFigures figures() {
    VcpuTime now = run.machine().times().getFirst();
    double nanos = System.nanoTime() - markedNanos;
    long slices = now.slices() - before.slices();
    long waited = now.waitedNanos() - before.waitedNanos();
    return new GuestFigures(
        name,
        (now.ranNanos() - before.ranNanos()) / nanos,
        waited / nanos,
        slices * NANOS_PER_SECOND / nanos,
        slices == 0 ? 0 : waited / NANOS_PER_MICRO / slices,
        (dots.get() - dotsBefore) * NANOS_PER_SECOND / nanos);
  }
}
