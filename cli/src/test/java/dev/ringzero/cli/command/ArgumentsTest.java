package dev.ringzero.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import java.time.Duration;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArgumentsTest {
  private static CommandLine run(String... words) {
    return Arguments.parse(Commands.named("run"), List.of(words));
  }

  @Test
  void valuesMayFollowOrBeJoined() {
    assertThat(run("--memory", "1G").getOptionValue("memory")).isEqualTo("1G");
    assertThat(run("--memory=1G").getOptionValue("memory")).isEqualTo("1G");
    assertThat(run("--exec", "echo \"a b\"").getOptionValue("exec")).isEqualTo("echo \"a b\"");
  }

  @Test
  void anUnknownOptionNamesTheNearest() {
    assertThatThrownBy(() -> run("--memroy", "1G"))
        .isInstanceOf(UsageException.class)
        .hasMessage("unknown option --memroy; did you mean --memory? (see rz help run)");
  }

  @Test
  void anOptionLikeNoOtherNamesNone() {
    assertThatThrownBy(() -> run("--quux")).hasMessage("unknown option --quux (see rz help run)");
  }

  @Test
  void aMissingValueIsNamed() {
    assertThatThrownBy(() -> run("--memory")).hasMessage("--memory needs a value: SIZE");
  }

  @Test
  void aWordTooManyIsRefused() {
    assertThatThrownBy(() -> run("vmlinuz")).hasMessageStartingWith("unexpected: vmlinuz");
  }

  @Test
  void anUnknownCommandNamesTheNearest() {
    assertThatThrownBy(() -> Commands.named("atach")).hasMessageContaining("did you mean attach?");
  }

  @Test
  void anOptionWithoutACommandTellsWhereItBelongs() {
    assertThatThrownBy(() -> Commands.named("--stats"))
        .hasMessage("an option comes behind its command, as in rz run --stats (see rz help)");
  }

  @Test
  void everyCommandHasItsName() {
    for (String name : Commands.NAMES) {
      assertThat(Commands.named(name).name()).isEqualTo(name);
    }
  }

  @Test
  void sizesAreRead() {
    assertThat(Quantity.bytes("--memory", "1G")).isEqualTo(1L << 30);
    assertThat(Quantity.bytes("--memory", "512MiB")).isEqualTo(512L << 20);
    assertThat(Quantity.bytes("--memory", "256")).isEqualTo(256L << 20);
  }

  @Test
  void aSizeBeyondAllMachinesStaysLarge() {
    assertThat(Quantity.bytes("--memory", "999999999T")).isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "G", "-1", "1X", "99999999999G", "1.5G"})
  void otherSizesAreRefused(String text) {
    assertThatThrownBy(() -> Quantity.bytes("--memory", text)).isInstanceOf(UsageException.class);
  }

  @Test
  void durationsAreRead() {
    assertThat(Quantity.duration("--timeout", "60s")).isEqualTo(Duration.ofSeconds(60));
    assertThat(Quantity.duration("--timeout", "5")).isEqualTo(Duration.ofSeconds(5));
    assertThat(Quantity.duration("--timeout", "250ms")).isEqualTo(Duration.ofMillis(250));
  }
}
