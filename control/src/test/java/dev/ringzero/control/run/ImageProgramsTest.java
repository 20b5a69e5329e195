package dev.ringzero.control.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.control.run.ImageGuest.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Debian's programs, unmodified, check themselves in a guest whose root is an image that we built.
 * A small one always; with {@code -Dringzero.images.programs=all} the large ones too.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
final class ImageProgramsTest {
  private static final boolean ALL =
      System.getProperty("ringzero.images.programs", "").equals("all");

  @TempDir private Path directory;

  private void check(String script, String... packages) throws Exception {
    Path image = ImageGuest.build(directory.resolve("test.img"), packages);
    Outcome outcome = ImageGuest.run(image, resource(script));
    assertThat(outcome.output()).endsWith("ok\n");
    assertThat(outcome.status()).hasValue(0);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = ImageProgramsTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aSmallPythonRuns() throws Exception {
    check("python-minimal.sh", "python3-minimal");
  }

  @ParameterizedTest
  @CsvSource({
    "openssl.sh, openssl",
    "sqlite3.sh, sqlite3",
    "perl.sh, perl",
    "gcc.sh, gcc libc6-dev tcc",
    "tools.sh, mawk xz-utils zstd bzip2 coreutils bc",
    "node.sh, nodejs",
    "python.sh, python3 libpython3-testsuite",
  })
  void largeProgramsRun(String script, String packages) throws Exception {
    assumeTrue(ALL, "skipped: -Dringzero.images.programs=all runs " + script);
    check(script, packages.split(" "));
  }
}
