package dev.ringzero.serve.http;

import java.util.Map;

/**
 * A request that is as the description says.
 *
 * @param path values of the path's parameters
 * @param query values of the query's
 * @param body the JSON object that came with it; empty where none does
 */
public record ApiRequest(
    Map<String, String> path, Map<String, Object> query, Map<String, Object> body) {
  /** The path's one parameter. */
  public String name() {
    return path.get("name");
  }
}
