package dev.ringzero.serve.description;

import dev.ringzero.serve.description.Operation.Parameter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The file that says what can be asked. Requests are led and checked by it, so that it cannot say
 * anything else than what is done.
 *
 * @spec OpenAPI Specification 3.1, of which it uses paths, parameters, JSON bodies and references
 */
public final class ApiDescription {
  private static final String FILE = "/dev/ringzero/serve/openapi.yaml";
  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
  private static final String JSON = "application/json";

  private final String text;
  private final Map<?, ?> root;
  private final List<Operation> operations = new ArrayList<>();

  private ApiDescription(String text) {
    this.text = text;
    Object loaded =
        new Load(LoadSettings.builder().setLabel("openapi.yaml").build()).loadFromString(text);
    root = (Map<?, ?>) loaded;
    map(root, "paths").forEach((path, item) -> addAll(path.toString(), (Map<?, ?>) item));
  }

  /** The file as it is built in. */
  public static ApiDescription builtIn() {
    try (InputStream file = ApiDescription.class.getResourceAsStream(FILE)) {
      return new ApiDescription(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String text() {
    return text;
  }

  public List<Operation> operations() {
    return List.copyOf(operations);
  }

  private void addAll(String path, Map<?, ?> item) {
    for (Map.Entry<?, ?> entry : item.entrySet()) {
      if (METHODS.contains(entry.getKey().toString())) {
        Map<?, ?> said = (Map<?, ?>) entry.getValue();
        List<Parameter> parameters = new ArrayList<>();
        addParameters(item.get("parameters"), parameters);
        addParameters(said.get("parameters"), parameters);
        operations.add(
            new Operation(
                said.get("operationId").toString(),
                entry.getKey().toString().toUpperCase(Locale.ROOT),
                List.of(path.substring(1).split("/")),
                List.copyOf(parameters),
                body(said),
                Boolean.TRUE.equals(said.get("x-websocket"))));
      }
    }
  }

  private void addParameters(Object list, List<Parameter> parameters) {
    if (list instanceof List<?> said) {
      for (Object element : said) {
        Map<?, ?> parameter = resolve((Map<?, ?>) element);
        parameters.add(
            new Parameter(
                parameter.get("name").toString(),
                parameter.get("in").toString(),
                map(parameter, "schema")));
      }
    }
  }

  private Optional<Map<?, ?>> body(Map<?, ?> operation) {
    return operation.get("requestBody") instanceof Map<?, ?> body
            && map(body, "content").get(JSON) instanceof Map<?, ?> media
        ? Optional.of(map(media, "schema"))
        : Optional.empty();
  }

  /** The schema of a JSON answer; empty where an answer with that status is something else. */
  public Optional<Map<?, ?>> answer(Operation operation, int status) {
    Map<?, ?> said =
        map(map(map(root, "paths"), operation.path()), operation.method().toLowerCase(Locale.ROOT));
    Map<?, ?> responses = map(said, "responses");
    Object answer = responses.get(Integer.toString(status));
    Map<?, ?> response = resolve(answer instanceof Map<?, ?> own ? own : map(responses, "default"));
    Map<?, ?> content = response.get("content") instanceof Map<?, ?> some ? some : Map.of();
    for (String type : List.of(JSON, "application/problem+json")) {
      if (content.get(type) instanceof Map<?, ?> media) {
        return Optional.of(map(media, "schema"));
      }
    }
    return Optional.empty();
  }

  /** A schema by its name. */
  public Map<?, ?> schema(String name) {
    return map(map(map(root, "components"), "schemas"), name);
  }

  /** Follows a reference, if it is one. */
  Map<?, ?> resolve(Map<?, ?> node) {
    if (!(node.get("$ref") instanceof String reference)) {
      return node;
    }
    Map<?, ?> found = root;
    for (String step : reference.substring("#/".length()).split("/")) {
      found = map(found, step);
    }
    return resolve(found);
  }

  private static Map<?, ?> map(Map<?, ?> node, String name) {
    if (!(node.get(name) instanceof Map<?, ?> member)) {
      throw new IllegalArgumentException("the description has no " + name + " in " + node.keySet());
    }
    return member;
  }

  /** Operations for a path, by method, each with what the path's parameters are. */
  public Map<String, Match> match(List<String> segments) {
    Map<String, Match> matches = new LinkedHashMap<>();
    for (Operation operation : operations) {
      match(operation, segments).ifPresent(match -> matches.put(operation.method(), match));
    }
    return matches;
  }

  /** An operation and the values of its path's parameters. */
  public record Match(Operation operation, Map<String, String> values) {}

  private static Optional<Match> match(Operation operation, List<String> segments) {
    List<String> template = operation.template();
    if (template.size() != segments.size()) {
      return Optional.empty();
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < template.size(); i++) {
      String part = template.get(i);
      if (Operation.isVariable(part)) {
        values.put(part.substring(1, part.length() - 1), segments.get(i));
      } else if (!part.equals(segments.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(new Match(operation, values));
  }
}
