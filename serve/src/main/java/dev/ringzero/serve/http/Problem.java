package dev.ringzero.serve.http;

import dev.ringzero.control.registry.RegistryException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Why a request was not done, in one line.
 *
 * @spec RFC 9457, Problem Details for HTTP APIs
 */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient Map<String, String> headers;

  private Problem(int status, String detail, Map<String, String> headers, Throwable cause) {
    super(detail, cause);
    this.status = status;
    this.headers = headers;
  }

  public static Problem of(int status, String detail) {
    return new Problem(status, detail, Map.of(), null);
  }

  public static Problem of(int status, String detail, Throwable cause) {
    return new Problem(status, detail, Map.of(), cause);
  }

  /** It needs the token. */
  public static Problem unauthorized() {
    return new Problem(
        HttpStatus.UNAUTHORIZED_401,
        "this needs the token, as Authorization: Bearer TOKEN",
        Map.of("WWW-Authenticate", "Bearer"),
        null);
  }

  /** The path is known, and not with this method. */
  static Problem method(String method, String allowed) {
    return new Problem(
        HttpStatus.METHOD_NOT_ALLOWED_405,
        "%s does not go here; %s does".formatted(method, allowed),
        Map.of("Allow", allowed),
        null);
  }

  /** Too much goes on at once. */
  static Problem busy(String what) {
    return new Problem(
        HttpStatus.SERVICE_UNAVAILABLE_503, what + ": try again", Map.of("Retry-After", "1"), null);
  }

  /** What a registry refused. */
  public static Problem of(RegistryException refusal) {
    int status =
        switch (refusal.kind()) {
          case WRONG -> HttpStatus.UNPROCESSABLE_ENTITY_422;
          case MISSING -> HttpStatus.NOT_FOUND_404;
          case CONFLICT -> HttpStatus.CONFLICT_409;
          case FAILED -> HttpStatus.INTERNAL_SERVER_ERROR_500;
        };
    return new Problem(status, refusal.getMessage(), Map.of(), refusal);
  }

  public int status() {
    return status;
  }

  Map<String, String> headers() {
    return headers;
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("type", "about:blank");
    map.put("title", HttpStatus.getMessage(status));
    map.put("status", status);
    map.put("detail", getMessage().lines().findFirst().orElse(""));
    return map;
  }
}
