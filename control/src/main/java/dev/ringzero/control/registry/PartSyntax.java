package dev.ringzero.control.registry;

import dev.ringzero.control.registry.RegistryException.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How the parts of an option's value are written, such as {@code FILE[,ro][,queues=N]}: the head in
 * front, behind it words.
 */
final class PartSyntax {
  /** What a part is in JSON. */
  enum PartKind {
    TEXT,
    PATH,
    NUMBER,
    FLAG
  }

  /** How head and further parts are put together. */
  enum Head {
    /** {@code HEAD,...}. */
    PLAIN,
    /** {@code KIND=NAME,...} or {@code KIND,...}, two members. */
    KIND_AND_NAME,
    /** {@code HEAD:/PATH,...}, two members. */
    FOLDER_AND_PLACE,
    /** {@code HEAD WORDS}, two members. */
    FILE_AND_WORDS
  }

  /**
   * One part.
   *
   * @param name of the member
   * @param word in the option's value
   */
  record Part(String name, String word, PartKind kind) {
    boolean isPath() {
      return kind == PartKind.PATH;
    }

    /** Characters that would end the part. */
    String forbidden() {
      return switch (word) {
        case PLACE -> ",:";
        case FILE -> " ";
        case WORDS -> "";
        case KIND -> ",=";
        default -> ",";
      };
    }
  }

  static final String PLACE = ":";
  static final String FILE = "file";
  static final String WORDS = "words";
  static final String KIND = "kind";

  private final Head head;
  private final List<Part> parts;

  /**
   * A syntax.
   *
   * @param parts the head's first
   */
  PartSyntax(Head head, List<Part> parts) {
    this.head = head;
    this.parts = parts;
  }

  Optional<Part> part(String name) {
    return parts.stream().filter(part -> part.name().equals(name)).findFirst();
  }

  String names() {
    return parts.stream().map(Part::name).collect(Collectors.joining(", "));
  }

  /** The members that an option's value means. */
  Map<String, Object> parse(String value) {
    Map<String, Object> members = new LinkedHashMap<>();
    String first = parts.getFirst().name();
    String second = parts.size() > 1 ? parts.get(1).name() : "";
    switch (head) {
      case FILE_AND_WORDS -> {
        int space = value.indexOf(' ');
        members.put(first, space < 0 ? value : value.substring(0, space));
        if (space >= 0) {
          members.put(second, value.substring(space + 1));
        }
        return members;
      }
      case FOLDER_AND_PLACE -> {
        boolean readOnly = value.endsWith(",ro");
        String paths = readOnly ? value.substring(0, value.length() - 3) : value;
        int colon = paths.lastIndexOf(":/");
        members.put(first, paths.substring(0, colon));
        members.put(second, paths.substring(colon + 1));
        if (readOnly) {
          members.put(parts.getLast().name(), true);
        }
        return members;
      }
      case PLAIN, KIND_AND_NAME -> {}
    }
    String[] words = value.split(",", -1);
    int equals = words[0].indexOf('=');
    if (head == Head.KIND_AND_NAME && equals >= 0) {
      members.put(first, words[0].substring(0, equals));
      members.put(second, words[0].substring(equals + 1));
    } else {
      members.put(first, words[0]);
    }
    for (int i = 1; i < words.length; i++) {
      put(words[i], members);
    }
    return members;
  }

  private void put(String word, Map<String, Object> members) {
    int equals = word.indexOf('=');
    String key = equals < 0 ? word : word.substring(0, equals);
    Part part =
        parts.stream()
            .filter(known -> known.word().equals(key))
            .findFirst()
            .orElseThrow(
                () -> new RegistryException(Kind.WRONG, "not kept in a configuration: " + word));
    String text = word.substring(equals + 1);
    members.put(
        part.name(),
        switch (part.kind()) {
          case FLAG -> true;
          case NUMBER -> Long.parseLong(text);
          case TEXT, PATH -> text;
        });
  }

  /** The option's value for members, written as texts; a flag that is set is an empty one. */
  String write(String where, Map<String, String> texts) {
    String first = texts.get(parts.getFirst().name());
    if (first == null) {
      throw new RegistryException(
          Kind.WRONG, where + "." + parts.getFirst().name() + " is missing");
    }
    StringBuilder value = new StringBuilder(first);
    int rest = 1;
    if (head != Head.PLAIN) {
      String second = texts.get(parts.get(1).name());
      if (second != null) {
        value.append(separator()).append(second);
      } else if (head == Head.FOLDER_AND_PLACE) {
        throw new RegistryException(Kind.WRONG, where + "." + parts.get(1).name() + " is missing");
      }
      rest = 2;
    }
    for (Part part : parts.subList(rest, parts.size())) {
      String text = texts.get(part.name());
      if (text != null) {
        value.append(',').append(part.word());
        value.append(part.kind() == PartKind.FLAG ? "" : "=" + text);
      }
    }
    return value.toString();
  }

  private char separator() {
    return switch (head) {
      case KIND_AND_NAME -> '=';
      case FOLDER_AND_PLACE -> ':';
      case FILE_AND_WORDS -> ' ';
      case PLAIN -> ',';
    };
  }
}
