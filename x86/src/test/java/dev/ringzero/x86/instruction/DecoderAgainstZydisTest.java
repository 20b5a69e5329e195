package dev.ringzero.x86.instruction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares the decoder with Zydis: validity, length, sizes, operands with their access, flags.
 * {@code -Dringzero.decoder.cases=N} runs longer, {@code -Dringzero.decoder.seed=N} elsewhere.
 */
class DecoderAgainstZydisTest {
  private static final int CASES = Integer.getInteger("ringzero.decoder.cases", 200_000);
  private static final long SEED = Long.getLong("ringzero.decoder.seed", 1);

  private final Map<String, String> differences = new TreeMap<>();
  private final Instruction instruction = new Instruction();
  private Zydis zydis;
  private String code;

  @ParameterizedTest
  @ValueSource(ints = {16, 32, 64})
  void decodesAsZydisDoes(int mode) {
    zydis = open(mode);
    Decoder decoder = new Decoder();
    RandomCode random = new RandomCode(new SplittableRandom(SEED + mode));
    for (int i = 0; i < CASES; i++) {
      byte[] bytes = random.next();
      int length = decoder.decode(bytes, 0, bytes.length, mode, instruction);
      int expected = zydis.decode(bytes, 0, bytes.length);
      compare(bytes, mode, length, expected);
    }
    assertThat(differences).isEmpty();
  }

  @Test
  void decodesTheCodeOfTheVirtualMachineItself() throws IOException {
    byte[] text = ElfText.of(Path.of(System.getProperty("java.home"), "lib/server/libjvm.so"));
    assumeTrue(text.length > 0, "SKIPPED: no x86-64 code of the Java virtual machine at hand");
    zydis = open(64);
    Decoder decoder = new Decoder();
    int start = text.length / 2;
    int end = Math.min(text.length, start + 2 * CASES) - Decoder.MAX_LENGTH;
    for (int at = start; at < end; ) {
      int length = decoder.decode(text, at, Decoder.MAX_LENGTH, 64, instruction);
      int expected = zydis.decode(text, at, Decoder.MAX_LENGTH);
      compare(Arrays.copyOfRange(text, at, at + Decoder.MAX_LENGTH), 64, length, expected);
      at += Math.max(expected, 1);
    }
    assertThat(differences).isEmpty();
  }

  private static Zydis open(int mode) {
    Optional<Zydis> library = Zydis.open(mode);
    assumeTrue(library.isPresent(), "SKIPPED: libZydis.so.4.0 is not installed");
    return library.get();
  }

  private void compare(byte[] bytes, int mode, int length, int expected) {
    code = mode + ": " + HexFormat.ofDelimiter(" ").formatHex(bytes);
    if (length <= 0 || expected == 0) {
      if (length > 0) {
        report("valid here " + instruction.form);
      } else if (expected > 0 && !ZydisDifferences.notDecodedHere(zydis)) {
        report("invalid here " + zydis.mnemonic() + " " + zydis.extension());
      }
      return;
    }
    if (length != expected) {
      report("length " + instruction.form);
      return;
    }
    new ZydisComparison(zydis, instruction, mode).differences().forEach(this::report);
  }

  private void report(String difference) {
    differences.putIfAbsent(difference, code);
  }
}
