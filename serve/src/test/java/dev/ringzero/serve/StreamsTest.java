package dev.ringzero.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.control.protocol.Json;
import dev.ringzero.serve.http.Limits;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class StreamsTest {
  private static final Limits LIMITS = new Limits(1 << 18, 8, 2, 64, Duration.ofSeconds(1));

  @TempDir private Path folder;
  private ServedApi api;

  @BeforeEach
  void serve() throws Exception {
    api = new ServedApi(folder, LIMITS);
  }

  @AfterEach
  void end() throws Exception {
    api.close();
  }

  /** What came, until it was closed. */
  private static final class Heard implements WebSocket.Listener {
    final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private final StringBuffer bytes = new StringBuffer();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        texts.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public synchronized CompletionStage<?> onBinary(
        WebSocket socket, ByteBuffer part, boolean last) {
      bytes.append(StandardCharsets.UTF_8.decode(part));
      notifyAll();
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closed.complete(code);
      return null;
    }

    synchronized void awaitBytes(String wanted) throws InterruptedException {
      while (!bytes.toString().contains(wanted)) {
        wait();
      }
    }

    Map<String, Object> event() throws Exception {
      return Json.read(texts.take());
    }
  }

  private WebSocket open(String path, Heard heard) throws Exception {
    return api.client()
        .newWebSocketBuilder()
        .subprotocols("rz.v1", "rz.token." + api.token.text())
        .buildAsync(URI.create("ws://127.0.0.1:" + api.port() + path), heard)
        .get();
  }

  @Test
  void eachChangeIsToldInTurn() throws Exception {
    Heard heard = new Heard();
    WebSocket socket = open("/v1/events", heard);
    assertThat(socket.getSubprotocol()).isEqualTo("rz.v1");
    Map<String, Object> present = heard.event();
    assertThat(present.get("type")).isEqualTo("present");
    assertThat(present.get("vms").toString()).contains("name=rest", "name=web");
    api.send("POST", "/v1/vms", Map.of("name", "new"));
    assertThat(heard.event()).containsEntry("type", "created").containsEntry("vm", "new");
    api.send("POST", "/v1/vms/new/actions", Map.of("type", "start"));
    assertThat(heard.event().toString()).contains("type=changed", "vm=new", "status=starting");
    api.send("POST", "/v1/vms/new/actions", Map.of("type", "kill"));
    assertThat(heard.event().toString()).contains("type=changed", "vm=new", "status=failed");
    api.send("DELETE", "/v1/vms/new", null);
    assertThat(heard.event()).containsEntry("type", "removed").containsEntry("vm", "new");
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
  }

  /** A connection that stays open for long is no slow request. */
  @Test
  void aConsoleGoesBothWaysAndEndsWithItsMachine() throws Exception {
    Heard heard = new Heard();
    WebSocket socket = open("/v1/vms/web/console", heard);
    heard.awaitBytes("hello ");
    TimeUnit.MILLISECONDS.sleep(LIMITS.arrival().toMillis() * 3 / 2);
    socket.sendBinary(ByteBuffer.wrap("typed".getBytes(StandardCharsets.UTF_8)), true).join();
    heard.awaitBytes("hello typed");
    socket.sendText("{\"rows\": 40, \"columns\": 100}", true).join();
    socket.sendText("{\"rows\": \"x\"}", true).join();
    assertThat(heard.closed.get()).isEqualTo(1007);
    assertThat(api.fake("web").asked()).anyMatch(asked -> asked.contains("\"rows\":40"));
  }

  @Test
  void aStrangerGetsNoWebSocket() throws Exception {
    for (String path : new String[] {"/v1/events", "/v1/vms/web/console"}) {
      URI uri = URI.create("ws://127.0.0.1:" + api.port() + path);
      assertThatThrownBy(
              () -> api.client().newWebSocketBuilder().buildAsync(uri, new Heard()).get())
          .isInstanceOf(ExecutionException.class);
      assertThatThrownBy(() ->
              api.client()
                  .newWebSocketBuilder()
                  .subprotocols("rz.token." + "x".repeat(43))
                  .buildAsync(uri, new Heard())
                  .get())
          .isInstanceOf(ExecutionException.class);
      assertThatThrownBy(() ->
              api.client()
                  .newWebSocketBuilder()
                  .header("Origin", "http://evil.example")
                  .subprotocols("rz.v1", "rz.token." + api.token.text())
                  .buildAsync(uri, new Heard())
                  .get())
          .isInstanceOf(ExecutionException.class);
    }
    assertThat(api.fake("web").asked()).isEmpty();
  }

  @Test
  void noMoreWebSocketsAreOpenedThanAllowed() throws Exception {
    open("/v1/events", new Heard());
    open("/v1/events", new Heard());
    assertThatThrownBy(() -> open("/v1/events", new Heard()))
        .isInstanceOf(ExecutionException.class);
    assertThat(api.get("/v1/events").status()).isEqualTo(426);
  }
}
