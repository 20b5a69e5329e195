package dev.ringzero.control.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.control.directory.ControlDirectory.ListeningSocket;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ControlDirectoryTest {
  @TempDir private Path temporary;
  private ControlDirectory directory;

  @BeforeEach
  void create() {
    directory = new ControlDirectory(temporary.resolve("ringzero"));
  }

  @Test
  void onlyTheUserMayEnter() throws IOException {
    try (ListeningSocket socket = directory.listen(Optional.of("one"))) {
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(socket.path().getParent())))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void aDirectoryThatIsOpenToOthersIsClosed() throws IOException {
    Path path = Files.createDirectory(temporary.resolve("ringzero"));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    directory.listen(Optional.of("one")).close();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rwx------");
  }

  @Test
  void aNameThatIsTakenIsRefused() throws IOException {
    try (ListeningSocket socket = directory.listen(Optional.of("one"))) {
      assertThatThrownBy(() -> directory.listen(Optional.of(socket.name())))
          .isInstanceOf(IOException.class)
          .hasMessage("a machine named one runs already");
    }
  }

  @Test
  void machinesWithoutANameGetTheFirstFreeOne() throws IOException {
    try (ListeningSocket first = directory.listen(Optional.empty());
        ListeningSocket second = directory.listen(Optional.empty())) {
      assertThat(first.name()).isEqualTo("vm1");
      assertThat(second.name()).isEqualTo("vm2");
      assertThat(directory.names()).containsExactly("vm1", "vm2");
    }
    assertThat(directory.names()).isEmpty();
  }

  @Test
  void aSocketBehindWhichNobodyListensIsRemoved() throws IOException {
    ListeningSocket dead = directory.listen(Optional.of("dead"));
    dead.channel().close();

    assertThat(directory.connect("dead")).isEmpty();
    assertThat(dead.path()).doesNotExist();
  }

  @Test
  void aDeadMachinesNameCanBeTakenAgain() throws IOException {
    directory.listen(Optional.of("one")).channel().close();

    try (ListeningSocket again = directory.listen(Optional.of("one"));
        SocketChannel connection = directory.connect("one").orElseThrow()) {
      assertThat(again.name()).isEqualTo("one");
      assertThat(connection.isConnected()).isTrue();
    }
  }

  @Test
  void aNameThatIsAPathIsNoName() {
    assertThat(ControlDirectory.isName("../x")).isFalse();
    assertThat(ControlDirectory.isName("")).isFalse();
    assertThat(ControlDirectory.isName("web-1.lab")).isTrue();
    assertThat(directory.connect("../x")).isEmpty();
  }
}
