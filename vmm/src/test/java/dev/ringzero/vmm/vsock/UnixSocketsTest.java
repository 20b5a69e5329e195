package dev.ringzero.vmm.vsock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.devices.virtio.vsock.VirtioSocket;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class UnixSocketsTest {
  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void choosePath() {
    path = directory.resolve("v.sock");
  }

  private SocketChannel call() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CONNECT 80\n",
        "CONNECT\n",
        "CONNECT -1\n",
        "CONNECT 4294967296\n",
        "GET / HTTP/1.0\n"
      })
  void aCallerWhomNobodyCanServeIsSentAway(String line) throws IOException {
    try (UnixSockets sockets = new UnixSockets(path)) {
      sockets.serve(new VirtioSocket(3, sockets));
      try (SocketChannel caller = call()) {
        caller.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII)));
        assertThat(caller.read(ByteBuffer.allocate(10))).isEqualTo(-1);
      }
    }
  }

  @Test
  void onlyTheUserMayCallAndTheSocketGoesAtTheEnd() throws IOException {
    try (UnixSockets sockets = new UnixSockets(path)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-------");
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void whatARunThatWasKilledLeftIsReplaced() throws IOException {
    try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();
    new UnixSockets(path).close();
  }

  @Test
  void anotherProgramsSocketAndAFileStay() throws IOException {
    try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      other.bind(UnixDomainSocketAddress.of(path));
      assertThatThrownBy(() -> new UnixSockets(path)).hasMessage("another program listens there");
    }
    Files.delete(path);
    Files.writeString(path, "a file");
    assertThatThrownBy(() -> new UnixSockets(path)).isInstanceOf(IOException.class);
    assertThat(path).hasContent("a file");
  }
}
