package dev.ringzero.cli.selftest;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.selftest.SequenceFuzz;
import dev.ringzero.selftest.SequenceFuzz.Counts;
import java.util.Optional;

/** Random sequences for some time. */
final class FuzzRun {
  private static final int DIFFERENCES_SHOWN = 10;
  private static final long NANOS_IN_SECOND = 1_000_000_000L;

  private FuzzRun() {}

  /** Tests the sequences of this seed and those after it, at least one; gives the exit status. */
  static int run(long seed, long seconds) {
    final long deadline = System.nanoTime() + seconds * NANOS_IN_SECOND;
    int differences = 0;
    long next = seed;
    try (SequenceFuzz fuzz = new SequenceFuzz()) {
      do {
        Optional<String> difference = fuzz.test(next++);
        if (difference.isPresent()) {
          differences++;
          System.out.println(difference.get());
        }
      } while (System.nanoTime() - deadline < 0 && differences < DIFFERENCES_SHOWN);
      Counts counts = fuzz.counts();
      System.out.printf(
          "seeds %d to %d: %,d sequences, %,d runs (%,d to an exception, %,d also on the host's"
              + " processor), %,d instructions, %s%n",
          seed,
          next - 1,
          counts.sequences(),
          counts.runs(),
          counts.exceptions(),
          counts.onSilicon(),
          counts.instructions(),
          differences == 0 ? "no difference" : differences + " differences");
    }
    return differences == 0 ? ExitStatus.OK : ExitStatus.FAILED;
  }
}
