package dev.ringzero.cli.bench.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class GuestProgramsTest {
  @Test
  void everyProgramHasAScriptAndSaysWhatItPrints() throws Exception {
    for (GuestProgram program : GuestPrograms.ALL) {
      assertThat(Resources.text(program.script())).contains("work() {");
      assertThat(program.expected()).isNotBlank().doesNotContain("\n");
    }
    for (String file : Resources.files()) {
      assertThat(Resources.bytes(file)).isNotEmpty();
    }
  }

  @Test
  void theTextIsTheSameForEver() {
    byte[] text = TextData.bytes();
    assertThat(text).hasSize(TextData.LENGTH_BYTES);
    CRC32 crc = new CRC32();
    crc.update(text);
    assertThat(crc.getValue()).isEqualTo(1492053223L);
    assertThat(new String(text, 0, 400, StandardCharsets.US_ASCII)).contains(" ", ".\n");
  }
}
