package dev.ringzero.cli.bench;

import dev.ringzero.cli.bench.subject.Subject;
import dev.ringzero.cli.bench.subject.Subjects;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One run of {@code rz bench}: what a suite needs to know and where it tells its times.
 *
 * @param runs how many times each program is counted on each subject
 * @param warmUp whether a run that is not counted comes first
 * @param clock what is taken as a program's time
 */
public record Session(
    int runs, boolean warmUp, Clock clock, Subjects subjects, Results results, ImageCache cache) {

  /** Rounds to make; those below 1 are not counted. */
  public List<Integer> rounds() {
    return IntStream.rangeClosed(warmUp ? 0 : 1, runs).boxed().toList();
  }

  /** Hears what is being fetched and built. */
  public Progress progress() {
    return new Progress() {
      private String shown = "";

      @Override
      public void at(String step, long doneBytes, long totalBytes) {
        if (!step.equals(shown)) {
          tell(step);
          shown = step;
        }
      }
    };
  }

  /** Tells the person who waits what a program took. */
  public void tellTimes(Program program) {
    List<String> words = new ArrayList<>();
    for (Subject subject : subjects.all()) {
      results
          .series(program, subject)
          .ifPresent(series -> words.add("%s %.2f s".formatted(subject.name(), series.median())));
      results.failure(program, subject).ifPresent(why -> words.add(subject.name() + " failed"));
    }
    tell(program.name() + ": " + String.join(", ", words));
  }

  /** Tells the person who waits. */
  public void tell(String line) {
    System.err.println("rz: " + line);
  }
}
