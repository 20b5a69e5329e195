package dev.ringzero.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShareOptionsTest {
  @Test
  void pinsAreNumbersAndRanges() {
    assertThat(ShareOptions.pins("0,2-4", 8)).isEqualTo(Set.of(0, 2, 3, 4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "-1", "0,", "3-1", "1-", "99999999999", "8"})
  void otherPinsAreRefusedInOneLine(String text) {
    assertThatThrownBy(() -> ShareOptions.pins(text, 8))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("--cpu-pin")
        .message()
        .doesNotContain("\n");
  }
}
