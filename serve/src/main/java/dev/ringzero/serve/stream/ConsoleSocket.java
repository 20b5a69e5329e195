package dev.ringzero.serve.stream;

import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.serve.http.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;

/** The console of a machine, as a WebSocket: bytes both ways, and the terminal's size as text. */
public final class ConsoleSocket implements Session.Listener.AutoDemanding, AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 14;
  private static final int LONGEST_SEND_SECONDS = 30;

  private final MessageChannel channel;
  private final Supplier<SocketChannel> another;
  private volatile Session session;

  /**
   * Asks for the console.
   *
   * @param connection to the machine, from now on for the console alone
   * @param another makes further connections to it
   */
  public ConsoleSocket(SocketChannel connection, Supplier<SocketChannel> another)
      throws IOException {
    this.another = another;
    channel = new MessageChannel(connection);
    try {
      channel.ask(Map.of("do", "attach"));
    } catch (IOException e) {
      channel.close();
      throw Problem.of(409, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void onWebSocketOpen(Session opened) {
    session = opened;
    Thread.ofVirtual().name("console-socket").start(this::show);
  }

  private void show() {
    byte[] bytes = new byte[BUFFER_BYTES];
    try {
      for (int count = channel.read(bytes); count >= 0; count = channel.read(bytes)) {
        Callback.Completable sent = new Callback.Completable();
        session.sendBinary(ByteBuffer.wrap(Arrays.copyOf(bytes, count)), sent);
        sent.get(LONGEST_SEND_SECONDS, TimeUnit.SECONDS);
      }
      session.close(StatusCode.NORMAL, "the machine has ended", Callback.NOOP);
    } catch (IOException e) {
      session.close(StatusCode.NORMAL, "the console is gone", Callback.NOOP);
    } catch (ExecutionException | TimeoutException e) {
      session.disconnect();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close();
    }
  }

  @Override
  public void onWebSocketBinary(ByteBuffer keys, Callback callback) {
    byte[] bytes = new byte[keys.remaining()];
    keys.get(bytes);
    try {
      channel.write(bytes, bytes.length);
      callback.succeed();
    } catch (IOException e) {
      callback.fail(e);
    }
  }

  @Override
  public void onWebSocketText(String text) {
    try {
      Map<String, Object> size = Json.read(text);
      if (!(size.get("rows") instanceof Long) || !(size.get("columns") instanceof Long)) {
        throw new IllegalArgumentException("rows and columns are wanted");
      }
      Map<String, Object> request = new LinkedHashMap<>();
      request.put("do", "size");
      request.put("rows", size.get("rows"));
      request.put("columns", size.get("columns"));
      try (MessageChannel other = new MessageChannel(another.get())) {
        other.ask(request);
      }
    } catch (MalformedJsonException | IllegalArgumentException e) {
      session.close(
          StatusCode.BAD_PAYLOAD, "a text is {\"rows\": N, \"columns\": N}", Callback.NOOP);
    } catch (IOException | Problem e) {
      // The machine has ended, which the stream tells too.
    }
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    close();
    callback.succeed();
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    close();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is closed.
    }
  }
}
