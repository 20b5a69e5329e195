package dev.ringzero.cli.bench.boot;

import dev.ringzero.cli.bench.Clock;
import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.Suite;
import dev.ringzero.cli.bench.subject.ConsoleRun;
import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.Qemu;
import dev.ringzero.cli.bench.subject.RingZero;
import dev.ringzero.cli.bench.subject.Subject;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.kernel.KernelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The default guest, from starting the process to the shell's prompt and to power-off. A peer that
 * takes the kernel in two forms is started with both, and the better time of a round counts.
 */
public final class BootSuite implements Suite {
  private static final Program PROMPT =
      new Program("boot", Group.BOOT, "from typing the command to the shell's prompt");
  private static final Program WITHOUT_JVM =
      new Program("boot-without-jvm", Group.BOOT, "the same less the time that rz version takes");
  private static final Program POWER_OFF =
      new Program("boot-to-power-off", Group.BOOT, "from typing the command to the guest's end");

  private static final String HOSTNAME = "bench";
  private static final String SHELL = HOSTNAME + ":~# ";
  private static final int MEMORY_MEBIBYTES = 512;
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final double NANOS = 1e9;

  private record Boot(Duration prompt, Duration end, Duration cpu) {
    double seconds(Clock clock) {
      return switch (clock) {
        case WALL -> prompt.toNanos() / NANOS;
        case CPU -> cpu.toNanos() / NANOS;
      };
    }
  }

  @Override
  public List<Program> programs() {
    return List.of(PROMPT, WITHOUT_JVM, POWER_OFF);
  }

  @Override
  public void measure(List<Program> chosen, Session session)
      throws IOException, InterruptedException {
    Path initrd = initrd(session.cache());
    try {
      Guest guest = guest(session, initrd);
      for (int round : session.rounds()) {
        for (Subject subject : session.subjects().all()) {
          if (!subject.key().equals("native")) {
            measure(subject, guest, chosen, session, round > 0);
          }
        }
      }
    } finally {
      Files.deleteIfExists(initrd);
    }
    chosen.forEach(session::tellTimes);
  }

  private static Path initrd(ImageCache cache) throws IOException {
    byte[] busybox = Files.readAllBytes(DefaultGuest.busybox(cache, Progress.SILENT));
    Path initrd = Files.createTempFile(cache.directory("bench"), "boot-", ".cpio");
    Files.write(
        initrd, new DefaultInitramfs(HOSTNAME, Optional.empty(), Optional.empty()).build(busybox));
    return initrd;
  }

  private static Guest guest(Session session, Path initrd) {
    Path kernel = DefaultGuest.kernel(session.cache(), session.progress());
    Path elf =
        new KernelFiles(session.cache(), session.progress())
            .unpacked(kernel)
            .orElseThrow(() -> new ImageException("cannot unpack " + kernel));
    return new Guest(kernel, elf, initrd, MEMORY_MEBIBYTES, 1, "quiet");
  }

  private void measure(
      Subject subject, Guest guest, List<Program> chosen, Session session, boolean counted)
      throws IOException, InterruptedException {
    try {
      Boot best = best(subject, guest, session.clock());
      double startSeconds = subject instanceof RingZero ours ? startSeconds(ours) : 0;
      if (counted) {
        double prompt = best.seconds(session.clock());
        add(session, chosen, PROMPT, subject, prompt);
        if (session.clock() == Clock.WALL) {
          add(session, chosen, WITHOUT_JVM, subject, prompt - startSeconds);
          add(session, chosen, POWER_OFF, subject, best.end.toNanos() / NANOS);
        }
      }
    } catch (GuestException e) {
      chosen.forEach(program -> session.results().fail(program, subject, e.getMessage()));
    }
  }

  private static void add(
      Session session, List<Program> chosen, Program program, Subject subject, double seconds) {
    if (chosen.contains(program)) {
      session.results().add(program, subject, seconds);
    }
  }

  private static Boot best(Subject subject, Guest guest, Clock clock)
      throws IOException, InterruptedException {
    List<Boot> boots = new ArrayList<>();
    if (subject instanceof Qemu qemu) {
      for (Qemu.KernelForm form : Qemu.KernelForm.values()) {
        boots.add(boot(qemu.with(form).command(guest)));
      }
    } else {
      boots.add(boot(subject.command(guest)));
    }
    return boots.stream()
        .min(Comparator.comparingDouble(boot -> boot.seconds(clock)))
        .orElseThrow(IllegalStateException::new);
  }

  private static Boot boot(List<String> command) throws IOException, InterruptedException {
    try (ConsoleRun run = new ConsoleRun(command)) {
      Duration prompt = run.await(SHELL, LIMIT);
      Duration cpu = run.cpuTime();
      run.type("poweroff");
      return new Boot(prompt, run.awaitEnd(LIMIT), cpu);
    }
  }

  /** What starting and ending our own JVM takes, without a machine. */
  private static double startSeconds(RingZero ours) throws IOException, InterruptedException {
    try (ConsoleRun run = new ConsoleRun(ours.rz("version"))) {
      return run.awaitEnd(LIMIT).toNanos() / NANOS;
    }
  }
}
