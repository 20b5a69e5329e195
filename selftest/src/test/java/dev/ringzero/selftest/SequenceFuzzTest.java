package dev.ringzero.selftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Random sequences on interpreter, translator and the host's processor. System properties: {@code
 * ringzero.fuzz.sequences} and {@code ringzero.fuzz.seed}; longer with {@code rz selftest --fuzz}.
 */
class SequenceFuzzTest {
  private static final int SEQUENCES = Integer.getInteger("ringzero.fuzz.sequences", 1500);
  private static final long SEED = Long.getLong("ringzero.fuzz.seed", 1);
  private static final int SHOWN = 3;

  @BeforeAll
  static void skipWhereItCannotRun() {
    SiliconSelftest.whyNot().ifPresent(reason -> assumeTrue(false, reason));
    SiliconSelftest.whyNoTranslator().ifPresent(reason -> assumeTrue(false, reason));
  }

  @Test
  void sequencesEndInTheSameStateWhateverRunsThem() {
    List<String> differences = new ArrayList<>();
    try (SequenceFuzz fuzz = new SequenceFuzz()) {
      for (long seed = SEED; seed < SEED + SEQUENCES && differences.size() < SHOWN; seed++) {
        fuzz.test(seed).ifPresent(differences::add);
      }
      assertThat(differences).isEmpty();
      assertThat(fuzz.counts().onSilicon()).isGreaterThan(SEQUENCES / 2);
    }
  }

  @Test
  void howFarARepeatedMoveOverItselfComesIsOpen() {
    long movesOverItself = 700_078_585;
    try (SequenceFuzz fuzz = new SequenceFuzz()) {
      assertThat(fuzz.test(movesOverItself)).isEmpty();
    }
  }
}
