package dev.ringzero.cli.selftest;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.selftest.SequenceFuzz;
import dev.ringzero.selftest.SequenceFuzz.Counts;
import java.util.Optional;

/** Random sequences for some time. */
final class FuzzRun {
  private static final int DIFFERENCES_SHOWN = 10;
  private static final long NANOS_IN_SECOND = 1_000_000_000L;
  private static final long BETWEEN_REPORTS = 60 * NANOS_IN_SECOND;

  private FuzzRun() {}

  /** Tests the sequences of this seed and those after it, at least one; gives the exit status. */
  static int run(long seed, long seconds) {
    final long deadline = System.nanoTime() + seconds * NANOS_IN_SECOND;
    long report = System.nanoTime() + BETWEEN_REPORTS;
    int differences = 0;
    long next = seed;
    try (SequenceFuzz fuzz = new SequenceFuzz()) {
      do {
        Optional<String> difference = fuzz.test(next++);
        if (difference.isPresent()) {
          differences++;
          System.out.println(difference.get());
        }
        if (System.nanoTime() - report >= 0) {
          report += BETWEEN_REPORTS;
          System.out.println(summary(fuzz.counts(), seed, next, differences));
        }
      } while (System.nanoTime() - deadline < 0 && differences < DIFFERENCES_SHOWN);
      System.out.println(summary(fuzz.counts(), seed, next, differences));
    }
    return differences == 0 ? ExitStatus.OK : ExitStatus.FAILED;
  }

  private static String summary(Counts counts, long seed, long next, int differences) {
    return ("seeds %d to %d: %,d sequences, %,d runs (%,d of 32-bit code, %,d to an exception, %,d"
            + " also on the host's processor), %,d instructions, %s")
        .formatted(
            seed,
            next - 1,
            counts.sequences(),
            counts.runs(),
            counts.narrow(),
            counts.exceptions(),
            counts.onSilicon(),
            counts.instructions(),
            differences == 0 ? "no difference" : differences + " differences");
  }
}
