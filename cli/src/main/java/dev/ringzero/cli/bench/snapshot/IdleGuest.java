package dev.ringzero.cli.bench.snapshot;

import dev.ringzero.control.console.TextWatch;
import dev.ringzero.control.run.GuestPreparation;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.run.RunRequest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The default guest in this process, waiting at its shell. */
public final class IdleGuest {
  private static final long MEMORY_BYTES = 512L << 20;
  private static final byte[] QUESTION = "echo $((6*7))x\n".getBytes(StandardCharsets.US_ASCII);
  private static final String ANSWER = "42x";
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private IdleGuest() {}

  /** Boots it to its shell. */
  public static GuestRun boot(String name, ImageCache cache, Progress progress)
      throws InterruptedException {
    RunRequest request =
        new RunRequest(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            MEMORY_BYTES,
            1,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            HostLinks.NONE,
            EngineConfiguration.Software.FASTEST);
    GuestRun run =
        new GuestRun(new GuestPreparation(cache, progress).prepare(request, name).machine());
    run.start(PhysicalCpus.host());
    run.awaitShell();
    answer(run);
    return run;
  }

  /** Asks its shell something and waits for the answer. */
  static void answer(GuestRun run) throws InterruptedException {
    TextWatch answer = new TextWatch(ANSWER);
    run.machine().console().addListener(answer);
    try {
      run.type(QUESTION, QUESTION.length);
      if (!answer.await(LIMIT)) {
        throw new IllegalStateException("the shell does not answer");
      }
    } finally {
      run.machine().console().removeListener(answer);
    }
  }
}
