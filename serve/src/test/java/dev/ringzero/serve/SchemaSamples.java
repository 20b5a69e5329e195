package dev.ringzero.serve;

import dev.ringzero.serve.description.ApiDescription;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON values that a schema allows, and values of which each breaks it in one place. */
final class SchemaSamples {
  private final ApiDescription description;

  SchemaSamples(ApiDescription description) {
    this.description = description;
  }

  private Map<?, ?> resolve(Map<?, ?> schema) {
    return schema.get("$ref") instanceof String reference
        ? description.schema(reference.substring(reference.lastIndexOf('/') + 1))
        : schema;
  }

  /** A value with the members that have to be there, or with all. */
  Object valid(Map<?, ?> said, boolean all) {
    Map<?, ?> schema = resolve(said);
    return switch (schema.get("type").toString()) {
      case "object" -> {
        Map<String, Object> members = new LinkedHashMap<>();
        properties(schema)
            .forEach((name, property) -> {
              if (all || required(schema).contains(name)) {
                members.put(name.toString(), valid((Map<?, ?>) property, all));
              }
            });
        yield members;
      }
      case "array" -> List.of(valid((Map<?, ?>) schema.get("items"), all));
      case "integer" -> schema.get("minimum") instanceof Number least ? least.longValue() : 1L;
      case "boolean" -> true;
      default -> text(schema);
    };
  }

  private static String text(Map<?, ?> schema) {
    if (schema.get("enum") instanceof List<?> choice) {
      return choice.getFirst().toString();
    }
    String pattern = String.valueOf(schema.get("pattern"));
    if (pattern.contains("{2}:")) {
      return "52:5a:00:00:00:01";
    }
    return pattern.startsWith("^(nat") ? "none" : "sample";
  }

  /** Values that are each wrong in one place. */
  List<Object> wrong(Map<?, ?> said) {
    Map<?, ?> schema = resolve(said);
    List<Object> wrong = new ArrayList<>();
    switch (schema.get("type").toString()) {
      case "object" -> {
        wrong.add("text");
        Map<String, Object> whole = object(valid(schema, true));
        for (Object name : required(schema)) {
          Map<String, Object> without = new LinkedHashMap<>(whole);
          without.remove(name);
          wrong.add(without);
        }
        if (Boolean.FALSE.equals(schema.get("additionalProperties"))) {
          wrong.add(with(whole, "unknownMember", 1L));
        }
        properties(schema)
            .forEach((name, property) ->
                wrong((Map<?, ?>) property)
                    .forEach(value -> wrong.add(with(whole, name.toString(), value))));
      }
      case "array" -> {
        wrong.add("text");
        wrong((Map<?, ?>) schema.get("items")).forEach(value -> wrong.add(List.of(value)));
        if (schema.get("maxItems") instanceof Number most) {
          Object element = valid((Map<?, ?>) schema.get("items"), false);
          wrong.add(Collections.nCopies(most.intValue() + 1, element));
        }
      }
      case "integer" -> {
        wrong.add("5");
        wrong.add(1.5);
        if (schema.get("minimum") instanceof Number least) {
          wrong.add(least.longValue() - 1);
        }
        if (schema.get("maximum") instanceof Number most) {
          wrong.add(most.longValue() + 1);
        }
      }
      case "boolean" -> wrong.add("true");
      default -> {
        wrong.add(5L);
        if (schema.get("maxLength") instanceof Number most) {
          wrong.add("x".repeat(most.intValue() + 1));
        }
        if (schema.containsKey("pattern") || schema.containsKey("enum")) {
          wrong.add("../no such\u0000word");
        }
      }
    }
    return wrong;
  }

  private static Map<String, Object> with(Map<String, Object> whole, String name, Object value) {
    Map<String, Object> changed = new LinkedHashMap<>(whole);
    changed.put(name, value);
    return changed;
  }

  private static Map<?, ?> properties(Map<?, ?> schema) {
    return schema.get("properties") instanceof Map<?, ?> properties ? properties : Map.of();
  }

  private static List<?> required(Map<?, ?> schema) {
    return schema.get("required") instanceof List<?> required ? required : List.of();
  }

  private static Map<String, Object> object(Object value) {
    Map<String, Object> object = new LinkedHashMap<>();
    ((Map<?, ?>) value).forEach((name, member) -> object.put(name.toString(), member));
    return object;
  }
}
