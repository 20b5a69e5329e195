package dev.ringzero.serve.description;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Whether a JSON value is as a schema says.
 *
 * @spec JSON Schema 2020-12, of which it knows the words of {@link #KNOWN}; a schema with others is
 *     refused
 */
public final class SchemaCheck {
  private static final Set<String> KNOWN =
      Set.of(
          "type",
          "properties",
          "required",
          "additionalProperties",
          "items",
          "enum",
          "pattern",
          "minimum",
          "maximum",
          "minLength",
          "maxLength",
          "maxItems",
          "description",
          "default",
          "$ref",
          "x-nullable-members-of");

  private final ApiDescription description;

  public SchemaCheck(ApiDescription description) {
    this.description = description;
  }

  /**
   * What is wrong with a value, in one line; empty if nothing is.
   *
   * @param where the value stands; empty for the whole
   */
  public Optional<String> complaint(Map<?, ?> said, String where, Object value) {
    Map<?, ?> schema = description.resolve(said);
    for (Object word : schema.keySet()) {
      if (!KNOWN.contains(word.toString())) {
        throw new IllegalArgumentException("a schema with " + word);
      }
    }
    String type = String.valueOf(schema.get("type"));
    Optional<String> complaint =
        switch (type) {
          case "object" -> object(schema, where, value);
          case "array" -> array(schema, where, value);
          case "string" -> text(schema, where, value);
          case "integer" -> number(schema, where, value);
          case "boolean" ->
              value instanceof Boolean ? fine() : wrong(where, "true or false", value);
          default -> throw new IllegalArgumentException("a schema of type " + type);
        };
    return complaint.isEmpty()
            && schema.get("enum") instanceof List<?> choice
            && !choice.contains(value)
        ? wrong(where, "one of " + choice, value)
        : complaint;
  }

  private static Optional<String> fine() {
    return Optional.empty();
  }

  private static Optional<String> wrong(String where, String wanted, Object value) {
    String shown = value instanceof String text ? "\"" + text + "\"" : String.valueOf(value);
    return Optional.of(
        "%s takes %s, not %s"
            .formatted(
                where.isEmpty() ? "the body" : where,
                wanted,
                shown.length() > 80 ? shown.substring(0, 80) + "..." : shown));
  }

  private Optional<String> object(Map<?, ?> schema, String where, Object value) {
    if (!(value instanceof Map<?, ?> members)) {
      return wrong(where, "an object", value);
    }
    Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> some ? some : Map.of();
    if (schema.get("required") instanceof List<?> required) {
      for (Object name : required) {
        if (!members.containsKey(name)) {
          return Optional.of(at(where, name) + " is missing");
        }
      }
    }
    for (Map.Entry<?, ?> member : members.entrySet()) {
      Object property = properties.get(member.getKey());
      if (property instanceof Map<?, ?> its) {
        Optional<String> complaint = complaint(its, at(where, member.getKey()), member.getValue());
        if (complaint.isPresent()) {
          return complaint;
        }
      } else if (Boolean.FALSE.equals(schema.get("additionalProperties"))) {
        return Optional.of(
            "%s is not known; known are %s"
                .formatted(at(where, member.getKey()), properties.keySet()));
      }
    }
    return fine();
  }

  private static String at(String where, Object name) {
    return where.isEmpty() ? name.toString() : where + "." + name;
  }

  private Optional<String> array(Map<?, ?> schema, String where, Object value) {
    if (!(value instanceof List<?> elements)) {
      return wrong(where, "a list", value);
    }
    if (schema.get("maxItems") instanceof Number most && elements.size() > most.intValue()) {
      return wrong(where, "at most " + most + " elements", elements.size());
    }
    for (int i = 0; i < elements.size(); i++) {
      Optional<String> complaint =
          complaint((Map<?, ?>) schema.get("items"), where + "[" + i + "]", elements.get(i));
      if (complaint.isPresent()) {
        return complaint;
      }
    }
    return fine();
  }

  private static Optional<String> text(Map<?, ?> schema, String where, Object value) {
    if (!(value instanceof String text)) {
      return wrong(where, "a text", value);
    }
    if (schema.get("minLength") instanceof Number least && text.length() < least.intValue()) {
      return wrong(where, "at least " + least + " characters", value);
    }
    if (schema.get("maxLength") instanceof Number most && text.length() > most.intValue()) {
      return wrong(where, "at most " + most + " characters", value);
    }
    return schema.get("pattern") instanceof String pattern
            && !Pattern.compile(pattern).matcher(text).find()
        ? wrong(where, "a text as " + pattern, value)
        : fine();
  }

  private static Optional<String> number(Map<?, ?> schema, String where, Object value) {
    if (!(value instanceof Long || value instanceof Integer)) {
      return wrong(where, "a whole number", value);
    }
    long number = ((Number) value).longValue();
    if (schema.get("minimum") instanceof Number least && number < least.longValue()) {
      return wrong(where, "a number from " + least, value);
    }
    return schema.get("maximum") instanceof Number most && number > most.longValue()
        ? wrong(where, "a number up to " + most, value)
        : fine();
  }
}
