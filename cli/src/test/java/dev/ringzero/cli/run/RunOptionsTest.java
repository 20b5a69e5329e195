package dev.ringzero.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Arguments;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunOptionsTest {
  private static RunOptions options(String... words) {
    return RunOptions.of(Arguments.parse(new RunCommand(), List.of(words)));
  }

  @Test
  void jsonAloneShowsTheStatistics() {
    assertThat(options("--json").statistics()).isTrue();
    assertThat(options().statistics()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--stats", "--json", "--trace=exits"})
  void aMachineInTheBackgroundShowsNothing(String option) {
    assertThatThrownBy(() -> options("--detach", option))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("does not go with --detach");
  }
}
