package dev.ringzero.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.bench.subject.Native;
import dev.ringzero.cli.bench.subject.RingZero;
import dev.ringzero.cli.bench.subject.Subject;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultsTest {
  private static final Program FAST = new Program("fast", Group.FLOAT, "a program");
  private static final Program SLOW = new Program("slow", Group.OS, "another");

  private final Subject ours = new RingZero();
  private final Subject peer = new Native();
  private final Results results = new Results();

  @Test
  void aRatioAboveOneSaysThatWeAreFaster() {
    add(FAST, 1, 8);
    add(FAST, 2, 8);
    add(FAST, 4, 4);
    Ratio ratio = results.ratio(FAST, ours, peer).orElseThrow();
    assertThat(ratio.median()).isEqualTo(4);
    assertThat(ratio.min()).isEqualTo(1);
    assertThat(ratio.max()).isEqualTo(8);
  }

  @Test
  void theMeanIsGeometricAndOfTheChosenPrograms() {
    add(FAST, 1, 8);
    add(SLOW, 2, 1);
    assertThat(results.geometricMean(ours, peer, program -> true).getAsDouble())
        .isCloseTo(2, within(1e-9));
    assertThat(results.geometricMean(ours, peer, FAST::equals).getAsDouble())
        .isCloseTo(8, within(1e-9));
    assertThat(results.geometricMean(ours, peer, program -> false)).isEmpty();
  }

  @Test
  void aProgramThatFailedOnceHasNoTimesThere() {
    add(FAST, 1, 8);
    results.fail(FAST, peer, "printed \"5\", expected \"4\"");
    assertThat(results.series(FAST, peer)).isEmpty();
    assertThat(results.series(FAST, ours)).isPresent();
    assertThat(results.ratio(FAST, ours, peer)).isEmpty();
    assertThat(results.failed()).isTrue();
    assertThat(results.failureLines(List.of(ours, peer)))
        .containsExactly("fast on native: printed \"5\", expected \"4\"");
  }

  @Test
  void programsAreChosenByNameAndByGroup() {
    assertThat(Suites.chosen(List.of("nbody", "access", "nbody")))
        .extracting(Program::name)
        .containsExactly("nbody", "memory-stream", "memory-random");
    assertThatThrownBy(() -> Suites.chosen(List.of("nbodi")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("did you mean nbody?");
  }

  @Test
  void memoryIsMeasuredByItself() {
    assertThat(Suites.chosen(List.of("memory")))
        .allSatisfy(program -> assertThat(program.group()).isEqualTo(Group.MEMORY));
    assertThat(Suites.chosen(List.of()))
        .isNotEmpty()
        .noneSatisfy(program -> assertThat(program.group()).isEqualTo(Group.MEMORY));
    assertThatThrownBy(() -> Suites.chosen(List.of("memory", "nbody")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("a run of its own");
  }

  @Test
  void namesAreUnique() {
    assertThat(Suites.programs()).extracting(Program::name).doesNotHaveDuplicates();
  }

  private void add(Program program, double mine, double other) {
    results.add(program, ours, mine);
    results.add(program, peer, other);
  }
}
