package dev.ringzero.cli.bench;

import dev.ringzero.cli.bench.subject.Subjects;
import java.io.IOException;
import java.util.List;

/** Programs that are measured in the same way. */
public interface Suite {
  /** All of them, in the order in which they are measured. */
  List<Program> programs();

  /** Who is measured, of those that were found. */
  default Subjects subjects(Subjects found) {
    return found;
  }

  /** Whether other suites cannot be measured in the same run. */
  default boolean isAlone() {
    return false;
  }

  /**
   * Measures some of them on every subject. What goes wrong with one program on one subject is put
   * into the results, and the others go on.
   *
   * @param chosen at least one of {@link #programs}
   */
  void measure(List<Program> chosen, Session session) throws IOException, InterruptedException;
}
