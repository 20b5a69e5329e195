package dev.ringzero.images.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TarReaderTest {
  private static TarReader reader(byte[] archive) {
    return new TarReader(new ByteArrayInputStream(archive));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void entriesComeInTurnWithTheirContents() throws IOException {
    TarReader tar =
        reader(
            new TarBuilder()
                .entry("./boot/", '5', new byte[0])
                .file("./boot/first", bytes("one"))
                .file("./boot/second", bytes("two"))
                .finish());

    assertThat(tar.next().kind()).isEqualTo(TarReader.Kind.DIRECTORY);
    assertThat(tar.next().path()).isEqualTo("boot/first");
    assertThat(tar.contents().readAllBytes()).isEqualTo(bytes("one"));
    assertThat(tar.next().path()).isEqualTo("boot/second");
    assertThat(tar.contents().readAllBytes()).isEqualTo(bytes("two"));
    assertThat(tar.next()).isNull();
  }

  @Test
  void contentsThatAreNotReadAreSkipped() throws IOException {
    TarReader tar =
        reader(new TarBuilder().file("a", new byte[5000]).file("b", bytes("x")).finish());

    tar.next();

    assertThat(tar.next().path()).isEqualTo("b");
  }

  @Test
  void aLongNameOfGnuTarReplacesTheShortOne() throws IOException {
    String name = "d/".repeat(100) + "file";
    TarReader tar =
        reader(
            new TarBuilder()
                .entry("././@LongLink", 'L', bytes(name + "\0"))
                .file("d", bytes("x"))
                .finish());

    assertThat(tar.next().path()).isEqualTo(name);
  }

  @Test
  void aPathOfAnExtendedHeaderReplacesTheShortOne() throws IOException {
    TarReader tar =
        reader(
            new TarBuilder()
                .entry("pax", 'x', bytes("18 path=long/name\n"))
                .file("d", bytes("x"))
                .finish());

    assertThat(tar.next().path()).isEqualTo("long/name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../etc/passwd", "a/../../b", "/etc/passwd"})
  void aPathOutsideTheArchiveIsRefused(String path) {
    TarReader tar = reader(new TarBuilder().file(path, bytes("x")).finish());

    assertThatThrownBy(tar::next).isInstanceOf(IOException.class).hasMessageContaining(path);
  }

  @Test
  void aDamagedHeaderIsRefused() {
    byte[] archive = new TarBuilder().file("a", bytes("x")).finish();
    archive[0]++;

    assertThatThrownBy(reader(archive)::next).isInstanceOf(IOException.class);
  }

  @Test
  void anArchiveThatEndsInsideAFileIsRefused() throws IOException {
    byte[] archive = new TarBuilder().file("a", new byte[2000]).finish();
    TarReader tar = reader(Arrays.copyOf(archive, 1024));

    tar.next();

    assertThatThrownBy(() -> tar.contents().readAllBytes()).isInstanceOf(EOFException.class);
  }
}
