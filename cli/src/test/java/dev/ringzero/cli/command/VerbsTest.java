package dev.ringzero.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerbsTest {
  private final Verbs verbs =
      new Verbs("thing")
          .add("ls", "json")
          .add("make NAME [SIZE]", "size")
          .addHidden("serve NAME", "keep");

  private static CommandLine line(String words) throws Exception {
    return new DefaultParser()
        .parse(
            new OptionTable()
                .flag("json", "as JSON")
                .flag("keep", "stay")
                .value("size", "SIZE", "of it")
                .options(),
            words.isEmpty() ? new String[0] : words.split(" "));
  }

  @Test
  void theWordThatWasSaidIsTold() throws Exception {
    assertThat(verbs.of(line(""))).isEqualTo("ls");
    assertThat(verbs.of(line("make a"))).isEqualTo("make");
    assertThat(verbs.of(line("make a 1G --size 2"))).isEqualTo("make");
    assertThat(verbs.of(line("serve a --keep"))).isEqualTo("serve");
    assertThat(verbs.name(line("make a"))).isEqualTo("a");
  }

  @Test
  void helpShowsAllButTheHidden() {
    assertThat(verbs.operands()).isEqualTo("ls | make NAME [SIZE]");
    assertThat(verbs.maximumOperands()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mke a | thing mke? Known: ls, make; did you mean make?",
        "make | it takes more: thing make NAME [SIZE] (see rz help thing)",
        "make a b c | unexpected: c (see rz help thing)",
        "ls a | unexpected: a (see rz help thing)",
        "make a --json | --json does not go with thing make",
        "ls --keep | --keep does not go with thing ls",
      })
  void whatDoesNotFitIsExplained(String words, String message) {
    assertThatThrownBy(() -> verbs.of(line(words)))
        .isInstanceOf(UsageException.class)
        .hasMessage(message);
  }

  @Test
  void whereThereIsNoListSomethingMustBeSaid() {
    Verbs others = new Verbs("other").add("a X").add("b");
    assertThatThrownBy(() -> others.of(line(""))).hasMessage("other a X | b (see rz help other)");
    assertThatThrownBy(() -> verbs.name(line("make ../x")))
        .hasMessageContaining("'../x' is no name");
  }
}
