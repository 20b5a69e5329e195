package dev.ringzero.cli.lab;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A map of a YAML file, which says where it is when something is wrong with it. */
final class YamlMap {
  private static final int MOST_ENTRIES = 1000;
  private static final int MOST_CHARACTERS = 4096;
  private static final int SHOWN_CHARACTERS = 40;

  private final String file;
  private final String path;
  private final Node node;
  private final Map<String, Node> entries = new LinkedHashMap<>();

  private YamlMap(String file, String path, Node node) {
    this.file = file;
    this.path = path;
    this.node = node;
  }

  /** Reads a node; one that says nothing is an empty map. */
  static YamlMap of(String file, String path, Node node) {
    YamlMap map = new YamlMap(file, path, node);
    if (node.getTag().equals(Tag.NULL)) {
      return map;
    }
    if (!(node instanceof MappingNode mapping)) {
      throw wrong(file, node, path + " is a map, with lines such as key: value");
    }
    if (mapping.getValue().size() > MOST_ENTRIES) {
      throw wrong(file, node, path + " has more than " + MOST_ENTRIES + " entries");
    }
    for (NodeTuple entry : mapping.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        throw wrong(file, entry.getKeyNode(), path + " has a key that is no word");
      }
      if (map.entries.put(key.getValue(), entry.getValueNode()) != null) {
        throw wrong(file, key, path + " has " + shown(key.getValue()) + " twice");
      }
    }
    return map;
  }

  /** Refuses all other keys. */
  YamlMap knows(Set<String> keys) {
    for (Map.Entry<String, Node> entry : entries.entrySet()) {
      String key = entry.getKey();
      if (!keys.contains(key)) {
        throw wrong(
            entry.getValue(),
            "%s has %s, which RingZero does not know%s; it takes %s"
                .formatted(
                    path,
                    shown(key),
                    Nearest.to(key, keys).map(near -> " (did you mean " + near + "?)").orElse(""),
                    String.join(", ", keys.stream().sorted().toList())));
      }
    }
    return this;
  }

  /** The keys, in the file's order. */
  Set<String> keys() {
    return entries.keySet();
  }

  Optional<String> text(String key) {
    return Optional.ofNullable(entries.get(key)).map(value -> scalar(value, key));
  }

  /** A map below this one; empty where there is none. */
  Optional<YamlMap> map(String key) {
    return Optional.ofNullable(entries.get(key))
        .map(value -> of(file, (path.equals("the file") ? "" : path + ".") + key, value));
  }

  /** A list of texts; empty where there is none. */
  List<String> texts(String key) {
    return list(key).stream().map(item -> scalar(item, key)).toList();
  }

  /** A list of maps; empty where there is none. */
  List<YamlMap> maps(String key) {
    List<YamlMap> maps = new ArrayList<>();
    for (Node item : list(key)) {
      maps.add(of(file, path + "." + key + "[" + maps.size() + "]", item));
    }
    return maps;
  }

  private List<Node> list(String key) {
    Node value = entries.get(key);
    if (value == null || value.getTag().equals(Tag.NULL)) {
      return List.of();
    }
    if (!(value instanceof SequenceNode list)) {
      throw wrong(value, path + "." + key + " is a list, with lines such as - value");
    }
    if (list.getValue().size() > MOST_ENTRIES) {
      throw wrong(value, path + "." + key + " has more than " + MOST_ENTRIES + " entries");
    }
    return list.getValue();
  }

  private String scalar(Node value, String key) {
    if (!(value instanceof ScalarNode scalar) || value.getTag().equals(Tag.NULL)) {
      throw wrong(value, path + "." + key + " is a text or a number");
    }
    if (scalar.getValue().length() > MOST_CHARACTERS) {
      throw wrong(value, path + "." + key + " has more than " + MOST_CHARACTERS + " characters");
    }
    return scalar.getValue();
  }

  /** What is wrong with this map. */
  UsageException wrong(String what) {
    return wrong(node, path + " " + what);
  }

  /** What is wrong with the value of a key. */
  UsageException wrong(String key, String what) {
    return wrong(entries.getOrDefault(key, node), path + "." + key + " " + what);
  }

  private UsageException wrong(Node where, String what) {
    return wrong(file, where, what);
  }

  private static UsageException wrong(String file, Node where, String what) {
    int line = where.getStartMark().map(Mark::getLine).orElse(0) + 1;
    return new UsageException("%s:%d: %s".formatted(file, line, what));
  }

  /** A text of the file's, fit for one line. */
  static String shown(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() > SHOWN_CHARACTERS ? plain.substring(0, SHOWN_CHARACTERS) + "..." : plain;
  }
}
