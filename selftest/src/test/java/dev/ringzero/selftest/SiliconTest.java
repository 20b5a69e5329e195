package dev.ringzero.selftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.x86.instruction.InstructionForm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every user-mode row of the instruction table against the host's processor. System properties:
 * {@code ringzero.silicon.states} for each row, {@code ringzero.silicon.seed}, {@code
 * ringzero.silicon.row} for rows whose mnemonic matches.
 */
class SiliconTest {
  private static final int STATES = Integer.getInteger("ringzero.silicon.states", 80);
  private static final long SEED = Long.getLong("ringzero.silicon.seed", 1);
  private static final String ROW = System.getProperty("ringzero.silicon.row", ".*");

  @BeforeAll
  static void skipWhereItCannotRun() {
    SiliconSelftest.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  @Test
  void interpreterDoesWhatTheHostsProcessorDoes() {
    assertThat(differences(false)).isEmpty();
  }

  @Test
  void translatorDoesWhatTheHostsProcessorDoes() {
    SiliconSelftest.whyNoTranslator().ifPresent(reason -> assumeTrue(false, reason));
    assertThat(differences(true)).isEmpty();
  }

  private static List<String> differences(boolean translator) {
    List<String> differences = new ArrayList<>();
    try (SiliconSelftest selftest = new SiliconSelftest(translator)) {
      for (InstructionForm form : SiliconSelftest.rows()) {
        if (form.mnemonic.matches(ROW)) {
          RowResult result = selftest.test(form, SEED, STATES);
          if (!result.passed()) {
            differences.add(result.different() + "/" + result.compared() + " " + result.first());
          }
        }
      }
    }
    return differences;
  }
}
