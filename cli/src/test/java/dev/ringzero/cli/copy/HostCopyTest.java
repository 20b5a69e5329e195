package dev.ringzero.cli.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cli.UsageException;
import dev.ringzero.images.archive.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostCopyTest {
  @TempDir private Path folder;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private interface Content {
    void to(TarWriter archive) throws IOException;
  }

  private void unpack(String packed, Path to, Content content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TarWriter archive = new TarWriter(bytes);
    content.to(archive);
    archive.finish();
    new HostUnpacker(
            new ByteArrayInputStream(bytes.toByteArray()), packed, to, new PrintStream(said, true))
        .unpack();
  }

  private static void file(TarWriter archive, String path, int mode, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    archive.file(path, mode, bytes.length, 0, new ByteArrayInputStream(bytes));
  }

  @Test
  void aFolderComesOutAsItWentIn() throws Exception {
    String longName = "x".repeat(180);
    Path from = Files.createDirectories(folder.resolve("from"));
    Files.createDirectory(from.resolve(longName));
    Files.writeString(from.resolve(longName).resolve("a b'c"), "text");
    Files.write(from.resolve("empty"), new byte[0]);
    Files.write(from.resolve("program"), new byte[70_000]);
    Files.setPosixFilePermissions(
        from.resolve("program"), PosixFilePermissions.fromString("rwxr-x--x"));
    Files.createSymbolicLink(from.resolve("link"), Path.of("program"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new HostPacker(from, "other", bytes).pack();
    Path to = folder.resolve("to");
    new HostUnpacker(new ByteArrayInputStream(bytes.toByteArray()), "other", to, System.err)
        .unpack();
    assertThat(to.resolve(longName).resolve("a b'c")).content().isEqualTo("text");
    assertThat(to.resolve("empty")).isEmptyFile();
    assertThat(to.resolve("program")).hasSize(70_000);
    assertThat(Files.readSymbolicLink(to.resolve("link"))).isEqualTo(Path.of("program"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(to.resolve("program"))))
        .isEqualTo("rwxr-x--x");
  }

  @Test
  void whatAGuestSendsStaysInItsPlace() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "secret");
    Path to = folder.resolve("to");
    for (String path : new String[] {"../secret", "a/../../secret", "/secret", "other"}) {
      assertThatThrownBy(() -> unpack("a", to, archive -> file(archive, path, 0644, "bad")))
          .as(path)
          .isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() ->
            unpack(
                "a",
                to,
                archive -> {
                  archive.directory("a", 0755, 0);
                  archive.directory("a/sub", 0755, 0);
                  archive.link("a/in", "sub", 0);
                  file(archive, "a/in/file", 0644, "through a link");
                }))
        .hasMessageContaining("is a symbolic link");
    assertThat(secret).content().isEqualTo("secret");
    assertThat(to.resolve("sub")).isEmptyDirectory();
  }

  @Test
  void linksThatLeadOutAreLeftOut() throws Exception {
    Path to = folder.resolve("to");
    unpack(
        "a",
        to,
        archive -> {
          archive.directory("a", 0755, 0);
          archive.link("a/one", "/etc/passwd", 0);
          archive.link("a/two", "../x", 0);
          archive.link("a/three", "b/../../../x", 0);
          file(archive, "a/set-uid", 06755, "text");
        });
    try (var files = Files.list(to)) {
      assertThat(files).containsExactly(to.resolve("set-uid"));
    }
    assertThat((int) Files.getAttribute(to.resolve("set-uid"), "unix:mode") & 07777)
        .isEqualTo(0755);
    assertThat(said.toString()).contains("left out a/one", "left out a/two", "left out a/three");
  }

  @Test
  void aLinkInTheUsersPlaceIsNotFollowed() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "secret");
    Path to = Files.createDirectory(folder.resolve("to"));
    Files.createSymbolicLink(to.resolve("file"), secret);
    assertThatThrownBy(() -> unpack("a", to, archive -> file(archive, "a/file", 0644, "bad")))
        .hasMessageContaining("is a symbolic link");
    assertThat(secret).content().isEqualTo("secret");
    assertThat(Files.exists(to.resolve("file"), LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  @Test
  void aPlaceInAGuestIsRead() {
    GuestPath path = GuestPath.parse("web:/var/log/").orElseThrow();
    assertThat(path.folder()).isEqualTo("/var");
    assertThat(path.name()).isEqualTo("log");
    assertThat(GuestPath.parse("web:notes").orElseThrow().path()).isEqualTo("/root/notes");
    assertThat(GuestPath.parse("./a:b")).isEmpty();
    assertThat(GuestPath.parse("/x/a:b")).isEmpty();
    assertThatThrownBy(() -> GuestPath.parse("web:/").orElseThrow().name())
        .isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> GuestPath.parse("web:/a/..").orElseThrow().name())
        .isInstanceOf(UsageException.class);
  }
}
