package dev.ringzero.serve.resource;

import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.serve.http.Problem;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpStatus;

/** Asks other processes by lines of JSON, and waits for no answer longer than it may. */
public final class Asking {
  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("answers").daemon().factory());

  private Asking() {}

  /** Asks, and closes the connection. What the other refuses is a problem of status 409. */
  static Map<String, Object> ask(
      SocketChannel connection, Map<String, Object> request, Duration limit) {
    try (MessageChannel channel = new MessageChannel(connection)) {
      Future<?> end =
          TIMER.schedule(() -> close(connection), limit.toMillis(), TimeUnit.MILLISECONDS);
      try {
        Map<String, Object> answer = new LinkedHashMap<>(channel.ask(request));
        answer.remove("ok");
        return answer;
      } finally {
        end.cancel(false);
      }
    } catch (AsynchronousCloseException e) {
      throw Problem.of(
          HttpStatus.GATEWAY_TIMEOUT_504,
          "its process did not answer within %d ms".formatted(limit.toMillis()),
          e);
    } catch (EOFException e) {
      throw Problem.of(HttpStatus.CONFLICT_409, "it ended while it was asked", e);
    } catch (IOException e) {
      throw Problem.of(HttpStatus.CONFLICT_409, String.valueOf(e.getMessage()), e);
    }
  }

  private static void close(SocketChannel connection) {
    try {
      connection.close();
    } catch (IOException e) {
      // It is closed.
    }
  }
}
