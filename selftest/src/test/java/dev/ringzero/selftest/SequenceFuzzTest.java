package dev.ringzero.selftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
      assertThat(fuzz.counts().narrow()).isGreaterThan(SEQUENCES / 4);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "c4e2e0f30b, blsr with W", // blsr ebx,[ebx]
    "c4e1fb2a0b, conversion of an integer with W", // vcvtsi2sd xmm1,xmm0,[ebx]
    "c4e1f96ecb, move of a general register with W", // vmovd xmm1,ebx
    "c4e3694bc9ff, fourth register of eight", // vblendvpd xmm1,xmm2,xmm1,xmm7
    "c4e3f9600ba6, implicit lengths with W", // vpcmpestrm xmm1,[ebx]
    "c5fc77, vzeroall",
    "c5f877, vzeroupper",
  })
  void narrowCodeLooksOnlyAtTheBitsThatItHas(String bytes, String what) {
    try (SequenceFuzz fuzz = new SequenceFuzz()) {
      assertThat(fuzz.testNarrow(HexFormat.of().parseHex(bytes))).as(what).isEmpty();
      assertThat(fuzz.counts().onSilicon()).isPositive();
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
