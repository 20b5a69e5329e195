package dev.ringzero.serve.description;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One thing that can be asked.
 *
 * @param id by which its code is found
 * @param template the path's segments; those in braces are parameters
 * @param body the schema of the JSON that comes with it
 * @param webSocket whether the connection becomes one
 */
public record Operation(
    String id,
    String method,
    List<String> template,
    List<Parameter> parameters,
    Optional<Map<?, ?>> body,
    boolean webSocket) {
  /**
   * A part of the path or of the query.
   *
   * @param in path or query
   */
  public record Parameter(String name, String in, Map<?, ?> schema) {}

  static boolean isVariable(String segment) {
    return segment.startsWith("{");
  }

  /** The path as the file has it. */
  public String path() {
    return "/" + String.join("/", template);
  }
}
