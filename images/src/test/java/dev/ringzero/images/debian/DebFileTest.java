package dev.ringzero.images.debian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.archive.TarBuilder;
import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

final class DebFileTest {
  private static final byte[] FILES =
      new TarBuilder()
          .file("./boot/vmlinuz-1", "kernel".getBytes(StandardCharsets.US_ASCII))
          .file("./boot/config-1", "y".getBytes(StandardCharsets.US_ASCII))
          .finish();

  @TempDir private Path directory;

  private Path deb(String dataName, byte[] data) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("!<arch>\n".getBytes(StandardCharsets.US_ASCII));
    member(out, "debian-binary", "2.0\n".getBytes(StandardCharsets.US_ASCII));
    member(out, "control.tar.xz", new byte[13]);
    member(out, dataName, data);
    return Files.write(directory.resolve("test.deb"), out.toByteArray());
  }

  private static void member(ByteArrayOutputStream out, String name, byte[] contents) {
    String header =
        "%-16s%-12d%-6d%-6d%-8s%-10d`\n".formatted(name, 0, 0, 0, 100644, contents.length);
    out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(contents);
    out.writeBytes(new byte[contents.length & 1]);
  }

  private static List<String> paths(Path deb) throws IOException {
    List<String> paths = new ArrayList<>();
    new DebFile(deb).visit((entry, contents) -> paths.add(entry.path()));
    return paths;
  }

  @Test
  void filesOfAnXzPackageAreSeen() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new XZOutputStream(packed, new LZMA2Options())) {
      out.write(FILES);
    }

    assertThat(paths(deb("data.tar.xz", packed.toByteArray())))
        .containsExactly("boot/vmlinuz-1", "boot/config-1");
  }

  @Test
  void filesOfAZstdPackageAreSeen() throws IOException {
    ZstdJavaCompressor compressor = new ZstdJavaCompressor();
    byte[] packed = new byte[compressor.maxCompressedLength(FILES.length)];
    int length = compressor.compress(FILES, 0, FILES.length, packed, 0, packed.length);

    assertThat(paths(deb("data.tar.zst", Arrays.copyOf(packed, length)))).hasSize(2);
  }

  @Test
  void filesOfAGzipPackageAreSeen() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(FILES);
    }

    assertThat(paths(deb("data.tar.gz", packed.toByteArray()))).hasSize(2);
  }

  @Test
  void theVisitEndsWhenTheVisitorHasSeenEnough() throws IOException {
    List<String> contents = new ArrayList<>();
    new DebFile(deb("data.tar", FILES))
        .visit((entry, in) -> {
          contents.add(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
          return false;
        });

    assertThat(contents).containsExactly("kernel");
  }

  @Test
  void aPackageWithoutFilesIsRefused() throws IOException {
    Path deb = deb("something-else", new byte[4]);

    assertThatThrownBy(() -> paths(deb)).isInstanceOf(IOException.class);
  }

  @Test
  void aFileThatIsNoPackageIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("no.deb"), "something else altogether");

    assertThatThrownBy(() -> paths(file)).hasMessage("not an ar archive");
  }
}
