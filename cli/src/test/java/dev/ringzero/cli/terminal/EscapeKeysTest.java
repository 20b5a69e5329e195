package dev.ringzero.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class EscapeKeysTest {
  private final StringBuilder done = new StringBuilder();
  private final EscapeKeys keys =
      new EscapeKeys(
          new EscapeKeys.Actions() {
            @Override
            public void send(byte[] data, int lengthBytes) {
              done.append(new String(data, 0, lengthBytes, StandardCharsets.ISO_8859_1));
            }

            @Override
            public void leave() {
              done.append("[leave]");
            }

            @Override
            public void help() {
              done.append("[help]");
            }
          });

  private String typed(String... pieces) {
    for (String piece : pieces) {
      byte[] bytes = piece.getBytes(StandardCharsets.ISO_8859_1);
      keys.typed(bytes, bytes.length);
    }
    return done.toString();
  }

  @Test
  void ordinaryKeysReachTheGuest() {
    assertThat(typed("ls\r", "\u0003")).isEqualTo("ls\r\u0003");
  }

  @Test
  void controlAThenXLeaves() {
    assertThat(typed("\u0001", "x")).isEqualTo("[leave]");
  }

  @Test
  void controlAThenHShowsTheKeys() {
    assertThat(typed("a\u0001hb")).isEqualTo("[help]ab");
  }

  @Test
  void controlAThenAOrControlAIsAControlA() {
    assertThat(typed("\u0001a", "\u0001\u0001")).isEqualTo("\u0001\u0001");
  }

  @Test
  void anyOtherKeyBehindControlAIsDropped() {
    assertThat(typed("\u0001qz")).isEqualTo("z");
  }
}
