package dev.ringzero.control.registry;

import dev.ringzero.control.registry.RegistryException.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * How a member of a configuration is written as a JSON value, and as values of an option of {@code
 * rz run}. A value never says more as an option than it does as JSON: separators in it are refused.
 */
sealed interface Form {
  /** The JSON value for what was said by options, which must be correct. */
  Object parse(List<String> values);

  /**
   * Values of the option for a JSON value.
   *
   * @param where the value stands, for messages
   */
  List<String> words(String where, Object value);

  /** The value with each path of the host replaced. */
  Object mapPaths(Object value, UnaryOperator<String> replacement);

  private static RegistryException wrong(String where, String wanted, Object value) {
    return new RegistryException(Kind.WRONG, "%s takes %s, not %s".formatted(where, wanted, value));
  }

  private static String text(String where, Object value, String forbidden) {
    if (!(value instanceof String text) || text.isEmpty()) {
      throw wrong(where, "a text", value);
    }
    boolean plain =
        text.chars()
            .noneMatch(c -> Character.isISOControl(c) && !(forbidden.isEmpty() && c == '\n'));
    if (!plain || text.chars().anyMatch(c -> forbidden.indexOf(c) >= 0)) {
      throw wrong(
          where,
          "a text without control characters"
              + (forbidden.isEmpty() ? "" : " and without " + forbidden),
          value);
    }
    return text;
  }

  /** A text; if it is a path it names a file of the host. */
  record Text(boolean path) implements Form {
    @Override
    public Object parse(List<String> values) {
      return values.getLast();
    }

    @Override
    public List<String> words(String where, Object value) {
      return List.of(text(where, value, ""));
    }

    @Override
    public Object mapPaths(Object value, UnaryOperator<String> replacement) {
      return path && value instanceof String text ? replacement.apply(text) : value;
    }
  }

  /** Several texts. */
  record Texts() implements Form {
    @Override
    public Object parse(List<String> values) {
      return List.copyOf(values);
    }

    @Override
    public List<String> words(String where, Object value) {
      if (!(value instanceof List<?> list)) {
        throw wrong(where, "a list", value);
      }
      return list.stream().map(element -> text(where, element, "")).toList();
    }

    @Override
    public Object mapPaths(Object value, UnaryOperator<String> replacement) {
      return value;
    }
  }

  /** A whole number; the option has a unit behind it. */
  record Number(String unit) implements Form {
    @Override
    public Object parse(List<String> values) {
      return Long.parseLong(values.getLast().replaceFirst(unit + "$", ""));
    }

    @Override
    public List<String> words(String where, Object value) {
      if (!(value instanceof Long number) || number < 0) {
        throw wrong(where, "a number", value);
      }
      return List.of(number + unit);
    }

    @Override
    public Object mapPaths(Object value, UnaryOperator<String> replacement) {
      return value;
    }
  }

  /** An option without a value. */
  record Flag() implements Form {
    @Override
    public Object parse(List<String> values) {
      return true;
    }

    @Override
    public List<String> words(String where, Object value) {
      if (!(value instanceof Boolean set)) {
        throw wrong(where, "true or false", value);
      }
      return set ? List.of("") : List.of();
    }

    @Override
    public Object mapPaths(Object value, UnaryOperator<String> replacement) {
      return value;
    }
  }

  /** An object, whose members are parts of the option's value. */
  record Parts(PartSyntax syntax) implements Form {
    @Override
    public Object parse(List<String> values) {
      return syntax.parse(values.getLast());
    }

    @Override
    public List<String> words(String where, Object value) {
      return List.of(word(syntax, where, value));
    }

    @Override
    public Object mapPaths(Object value, UnaryOperator<String> replacement) {
      return mapped(syntax, value, replacement);
    }

    private static String word(PartSyntax syntax, String where, Object value) {
      if (!(value instanceof Map<?, ?> map)) {
        throw wrong(where, "an object", value);
      }
      Map<String, String> texts = new LinkedHashMap<>();
      map.forEach((name, member) -> {
        String at = where + "." + name;
        PartSyntax.Part part =
            syntax
                .part(name.toString())
                .orElseThrow(() ->
                    new RegistryException(
                        Kind.WRONG, at + " is not known; known are " + syntax.names()));
        switch (part.kind()) {
          case FLAG -> {
            if (!new Flag().words(at, member).isEmpty()) {
              texts.put(part.name(), "");
            }
          }
          case NUMBER -> texts.put(part.name(), new Number("").words(at, member).getFirst());
          case TEXT, PATH -> texts.put(part.name(), text(at, member, part.forbidden()));
        }
      });
      return syntax.write(where, texts);
    }

    private static Object mapped(
        PartSyntax syntax, Object value, UnaryOperator<String> replacement) {
      if (!(value instanceof Map<?, ?> map)) {
        return value;
      }
      Map<String, Object> replaced = new LinkedHashMap<>();
      map.forEach((name, member) -> {
        boolean path =
            member instanceof String
                && syntax.part(name.toString()).map(PartSyntax.Part::isPath).orElse(false);
        replaced.put(name.toString(), path ? replacement.apply(member.toString()) : member);
      });
      return replaced;
    }
  }

  /** A list of such objects, each a value of an option that may be given several times. */
  record PartsList(PartSyntax syntax) implements Form {
    @Override
    public Object parse(List<String> values) {
      return values.stream().map(syntax::parse).toList();
    }

    @Override
    public List<String> words(String where, Object value) {
      if (!(value instanceof List<?> list)) {
        throw wrong(where, "a list", value);
      }
      List<String> words = new ArrayList<>();
      for (int i = 0; i < list.size(); i++) {
        words.add(Parts.word(syntax, where + "[" + i + "]", list.get(i)));
      }
      return words;
    }

    @Override
    public Object mapPaths(Object value, UnaryOperator<String> replacement) {
      return value instanceof List<?> list
          ? list.stream().map(element -> Parts.mapped(syntax, element, replacement)).toList()
          : value;
    }
  }
}
