package dev.ringzero.serve.http;

import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/** Reads the JSON object that comes with a request, of bounded size and in bounded time. */
final class RequestBody {
  private static final long DRAIN_MILLIS = 500;

  private final Limits limits;

  RequestBody(Limits limits) {
    this.limits = limits;
  }

  Map<String, Object> read(Request request) throws InterruptedException {
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    if (type == null || !type.toLowerCase(Locale.ROOT).matches("application/json\\s*(;.*)?")) {
      throw Problem.of(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE_415, "the body has to be application/json");
    }
    if (request.getLength() > limits.bodyBytes()) {
      throw tooLarge();
    }
    try {
      return Json.read(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(request))).toString());
    } catch (MalformedJsonException | CharacterCodingException e) {
      throw Problem.of(
          HttpStatus.BAD_REQUEST_400, "the body is no JSON object: " + e.getMessage(), e);
    }
  }

  /**
   * Reads what is left of a body that nobody wants, so that the client, which may still send it,
   * reads the answer; returns whether all of it came.
   */
  boolean drain(Request request) throws InterruptedException {
    if (request.getLength() == 0) {
      return true;
    }
    if (request.getLength() > limits.bodyBytes()) {
      return false;
    }
    try {
      Content.Source.asByteArrayAsync(request, limits.bodyBytes())
          .get(DRAIN_MILLIS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    }
  }

  private byte[] bytes(Request request) throws InterruptedException {
    CompletableFuture<byte[]> content =
        Content.Source.asByteArrayAsync(request, limits.bodyBytes());
    try {
      return content.get(limits.arrival().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      request.fail(e);
      throw Problem.of(HttpStatus.REQUEST_TIMEOUT_408, "the body did not arrive in time", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IllegalStateException) {
        throw tooLarge();
      }
      throw Problem.of(HttpStatus.BAD_REQUEST_400, "the body did not arrive", e);
    }
  }

  private Problem tooLarge() {
    return Problem.of(
        HttpStatus.PAYLOAD_TOO_LARGE_413,
        "the body has more than %d bytes".formatted(limits.bodyBytes()));
  }
}
