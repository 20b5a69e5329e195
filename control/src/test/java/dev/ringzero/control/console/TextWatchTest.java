package dev.ringzero.control.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class TextWatchTest {
  private final TextWatch watch = new TextWatch("Kernel panic");

  private void give(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    watch.output(bytes, bytes.length);
  }

  @Test
  void aTextInPiecesIsSeen() {
    give("[1.0] KKern");
    give("el panic - not");

    assertThat(watch.seen()).isTrue();
  }

  @Test
  void aPartOfTheTextIsNotTheText() {
    give("Kernel pan out");

    assertThat(watch.seen()).isFalse();
  }
}
