package dev.ringzero.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.serve.http.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class LimitsTest {
  private static final Limits SMALL = new Limits(4096, 2, 1, 8, Duration.ofMillis(700));

  @TempDir private Path folder;
  private ServedApi api;

  @BeforeEach
  void serve() throws Exception {
    api = new ServedApi(folder, SMALL);
  }

  @AfterEach
  void end() throws Exception {
    api.close();
  }

  private String post(String length) {
    return "POST /v1/vms HTTP/1.1\r\nHost: localhost:%d\r\nAuthorization: Bearer %s\r\n"
            .formatted(api.port(), api.token.text())
        + "Content-Type: application/json\r\n"
        + length
        + "\r\n\r\n";
  }

  @Test
  void aBodyThatIsTooLargeIsRefusedWhetherItSaysSoOrNot() throws Exception {
    assertThat(api.raw(post("Content-Length: 1000000"))).startsWith("HTTP/1.1 413");
    String chunk = "400\r\n" + "x".repeat(1024) + "\r\n";
    assertThat(api.raw(post("Transfer-Encoding: chunked") + chunk.repeat(8)))
        .startsWith("HTTP/1.1 413");
  }

  @Test
  void aHeadThatIsTooLargeIsRefused() throws Exception {
    assertThat(api.raw("GET /v1 HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431");
    assertThat(api.raw("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 414");
  }

  @Test
  void aBodyThatIsNoJsonObjectIsRefused() throws Exception {
    for (String body :
        List.of(
            "",
            "[]",
            "{",
            "{}x{",
            "nul",
            "[".repeat(2000),
            "{\"name\":\"a\",\"name\":}",
            "\u0000")) {
      assertThat(api.send("POST", "/v1/vms", body).status()).as(body).isEqualTo(400);
    }
    var plain =
        api.plain("POST", "/v1/vms", null)
            .header("Authorization", "Bearer " + api.token.text())
            .header("Content-Type", "text/plain")
            .POST(java.net.http.HttpRequest.BodyPublishers.ofString("{\"name\":\"a\"}"));
    assertThat(api.send(plain.build()).status()).isEqualTo(415);
  }

  /** However steadily its bytes come: each alone would be in time. */
  @Test
  void aClientThatIsSlowIsCutOff() throws Exception {
    try (Socket slow = connect()) {
      assertThat(drip(slow, "GET /v1 HTTP/1.1\r\nX: " + "x".repeat(5000))).isEmpty();
    }
    try (Socket slow = connect()) {
      slow.getOutputStream().write(bytes(post("Content-Length: 4000")));
      assertThat(drip(slow, "{\"name\": \"" + " ".repeat(4000))).matches("(?s)(HTTP/1.1 408.*)?");
    }
    try (Socket idle = connect()) {
      assertThat(idle.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(api.get("/v1").status()).isEqualTo(200);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** Sends a byte now and then until the server has enough of it; returns what it said. */
  private static String drip(Socket socket, String text) throws Exception {
    OutputStream out = socket.getOutputStream();
    InputStream in = socket.getInputStream();
    try {
      for (byte value : bytes(text)) {
        out.write(value);
        if (in.available() > 0) {
          break;
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (SocketException e) {
      return "";
    }
  }

  @Test
  void noMoreConnectionsAreTakenThanAllowed() throws Exception {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < 40; i++) {
        open.add(connect());
      }
      for (Socket socket : open) {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
    assertThat(api.get("/v1").status()).isEqualTo(200);
  }

  @Test
  void aRefusalLeavesTheConnectionInOrder() throws Exception {
    for (int i = 0; i < 50; i++) {
      assertThat(api.send("POST", "/v1/nope", Map.of("i", i)).status()).isEqualTo(404);
      assertThat(api.get("/v1").status()).isEqualTo(200);
    }
  }
}
