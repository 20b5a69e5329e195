package dev.ringzero.control.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OwnCommandLineTest {
  @Test
  void wordsAreThoseBehindTheProgramEmptyOnesToo() {
    assertThat(OwnCommandLine.words("java\0-cp\0\0Main\0run\0"))
        .containsExactly("-cp", "", "Main", "run");
    assertThat(OwnCommandLine.words("java\0")).isEmpty();
  }

  @Test
  void commandLinesOfMoreThanAPageAreWhole() {
    String script = "x".repeat(10_000);
    assertThat(OwnCommandLine.words("java\0--exec\0" + script + "\0"))
        .containsExactly("--exec", script);
  }

  @Test
  void thisProcessHasOne() {
    assertThat(OwnCommandLine.arguments()).isNotEmpty();
  }
}
