package dev.ringzero.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.serve.access.Token;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessTest {
  @TempDir private Path folder;
  private ServedApi api;

  @BeforeEach
  void serve() throws Exception {
    api = new ServedApi(folder);
  }

  @AfterEach
  void end() throws Exception {
    api.close();
  }

  private String head(String host, String... lines) {
    StringBuilder head = new StringBuilder("GET /v1 HTTP/1.1\r\nConnection: close\r\n");
    head.append("Host: ").append(host).append("\r\n");
    head.append("Authorization: Bearer ").append(api.token.text()).append("\r\n");
    for (String line : lines) {
      head.append(line).append("\r\n");
    }
    return head.append("\r\n").toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "LOCALHOST", "[::1]"})
  void theNamesOfThisServerAreAnswered(String name) throws IOException {
    assertThat(api.raw(head(name + ":" + api.port()))).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:70"})
  void anotherNameThatLeadsHereIsRefused(String host) throws IOException {
    assertThat(api.raw(head(host))).startsWith("HTTP/1.1 403");
  }

  @Test
  void aRequestWithoutHostOrWithTwoIsRefused() throws IOException {
    assertThat(
            api.raw("GET /v1 HTTP/1.0\r\nAuthorization: Bearer " + api.token.text() + "\r\n\r\n"))
        .matches("(?s)HTTP/1\\.[01] 40[03].*");
    assertThat(api.raw(head("localhost:" + api.port(), "Host: evil.example")))
        .startsWith("HTTP/1.1 400");
    assertThat(
            api.raw(
                head("localhost:" + api.port()).replace("GET /v1", "GET http://evil.example/v1")))
        .matches("(?s)HTTP/1.1 40[03].*");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: null",
        "Origin: https://127.0.0.1:PORT",
        "Origin: http://evil.example",
        "Origin: http://127.0.0.1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
      })
  void aPageOfAnotherOriginIsRefusedEvenWithTheToken(String line) throws IOException {
    String said = line.replace("PORT", Integer.toString(api.port()));
    assertThat(api.raw(head("127.0.0.1:" + api.port(), said))).startsWith("HTTP/1.1 403");
  }

  @Test
  void aPageOfThisServerMayAsk() throws IOException {
    String own = "127.0.0.1:" + api.port();
    assertThat(api.raw(head(own, "Origin: http://" + own, "Sec-Fetch-Site: same-origin")))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void theUnixSocketNeedsNoTokenAndAnswersNoPage() throws IOException {
    assertThat(unix("GET /v1 HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(
            unix(
                "GET /v1 HTTP/1.1\r\nHost: any\r\nOrigin: http://any\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 403");
  }

  private String unix(String text) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(api.socket))) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aTokenIsMadeOnceAndKeptFromOthers() throws IOException {
    Path file = folder.resolve("t/token");
    Token made = Token.in(file);
    assertThat(Token.in(file).text()).isEqualTo(made.text()).hasSize(43);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> Token.in(file)).hasMessageStartingWith("others may use the token");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(file, "short");
    assertThatThrownBy(() -> Token.in(file)).hasMessageContaining("holds no token");
    Files.delete(file);
    Files.createSymbolicLink(file, folder.resolve("token"));
    assertThatThrownBy(() -> Token.in(file)).isInstanceOf(IOException.class);
  }
}
