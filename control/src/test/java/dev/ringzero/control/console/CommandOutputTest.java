package dev.ringzero.control.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class CommandOutputTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final CommandOutput output = new CommandOutput("c0ffee", out);

  private void give(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    output.output(bytes, bytes.length);
  }

  private String written() {
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  @Test
  void outputComesThroughAndTheStatusIsTaken() {
    give("one\ntwo\n\nc0ffee 7\n");

    assertThat(written()).isEqualTo("one\ntwo\n");
    assertThat(output.status()).hasValue(7);
  }

  @Test
  void aMarkInPiecesIsStillAMark() {
    for (char each : "x\nc0ffee 130\n".toCharArray()) {
      give(String.valueOf(each));
    }

    assertThat(written()).isEqualTo("x");
    assertThat(output.status()).hasValue(130);
  }

  @Test
  void whatOnlyLooksLikeTheMarkIsOutput() {
    give("\nc0ff\n\nc0ffe\nc0ffee 0\n");

    assertThat(written()).isEqualTo("\nc0ff\n\nc0ffe");
    assertThat(output.status()).hasValue(0);
  }

  @Test
  void thereIsNoStatusBeforeTheCommandEnds() {
    give("still going\n");

    assertThat(output.status()).isEmpty();
  }

  @Test
  void theBeginningOfAMarkIsOutputWhereNoMoreComes() {
    give("last line\n");
    output.close();

    assertThat(written()).isEqualTo("last line\n");
    assertThat(output.status()).isEmpty();
  }
}
