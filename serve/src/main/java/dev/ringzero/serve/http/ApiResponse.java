package dev.ringzero.serve.http;

import dev.ringzero.control.protocol.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpStatus;

/**
 * An answer.
 *
 * @param contentType empty where there is no content
 */
public record ApiResponse(int status, String contentType, byte[] content) {
  public static ApiResponse ok(Map<String, Object> object) {
    return json(HttpStatus.OK_200, object);
  }

  public static ApiResponse created(Map<String, Object> object) {
    return json(HttpStatus.CREATED_201, object);
  }

  /** A list under a name, to which more can be added later. */
  public static ApiResponse list(String name, List<? extends Map<String, Object>> elements) {
    return ok(Map.of(name, elements));
  }

  public static ApiResponse done() {
    return new ApiResponse(HttpStatus.NO_CONTENT_204, "", new byte[0]);
  }

  public static ApiResponse of(String contentType, byte[] content) {
    return new ApiResponse(HttpStatus.OK_200, contentType, content);
  }

  private static ApiResponse json(int status, Map<String, Object> object) {
    return new ApiResponse(status, "application/json", bytes(object));
  }

  static ApiResponse of(Problem problem) {
    return new ApiResponse(problem.status(), "application/problem+json", bytes(problem.toMap()));
  }

  private static byte[] bytes(Map<String, Object> object) {
    return (Json.write(object) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
