package dev.ringzero.cli.lab;

import static dev.ringzero.cli.lab.YamlMap.shown;

import dev.ringzero.cli.lab.Lab.Endpoint;
import dev.ringzero.cli.lab.Lab.Link;
import dev.ringzero.cli.lab.Lab.Node;
import dev.ringzero.control.directory.ControlDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads a lab's file, a subset of containerlab's form.
 *
 * <p>Not modelled: further kinds, ports, environments, groups, links to the host.
 */
final class LabReader {
  private static final Set<String> NODE_KEYS =
      Set.of("kind", "image", "exec", "binds", "memory", "cpu", "labels", "network-mode");

  private static final int MOST_NODES = 64;
  private static final int MOST_CPUS = 64;
  private static final int MOST_COMMANDS = 256;
  private static final int MOST_MTU = 9000;
  private static final int LEAST_MTU = 576;
  private static final Pattern NODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,29}");
  private static final Pattern MEMORY = Pattern.compile("(?i)(\\d{1,6}) ?([mg])(i?b)?");

  private final Path file;
  private final boolean bindsAnywhere;
  private YamlMap topology;

  private LabReader(Path file, boolean bindsAnywhere) {
    this.file = file;
    this.bindsAnywhere = bindsAnywhere;
  }

  /**
   * Reads a file.
   *
   * @param bindsAnywhere whether nodes may share folders that are not below the file's
   */
  static Lab read(Path file, boolean bindsAnywhere) {
    return new LabReader(file, bindsAnywhere).lab();
  }

  private Lab lab() {
    YamlMap root = YamlDocument.read(file).knows(Set.of("name", "topology"));
    String name =
        root.text("name").orElseThrow(() -> root.wrong("has no name: begin it with name: lab1"));
    if (!ControlDirectory.isName(name)) {
      throw root.wrong(
          "name", "has up to 40 letters, digits, dots, dashes and underscores, not " + shown(name));
    }
    topology =
        root.map("topology")
            .orElseThrow(() -> root.wrong("has no topology, which has nodes and links"))
            .knows(Set.of("defaults", "kinds", "nodes", "links"));
    YamlMap nodes = topology.map("nodes").orElseThrow(() -> topology.wrong("has no nodes"));
    if (nodes.keys().isEmpty() || nodes.keys().size() > MOST_NODES) {
      throw nodes.wrong("has 1 to %d nodes, not %d".formatted(MOST_NODES, nodes.keys().size()));
    }
    nodes.keys().forEach(node -> checkName(nodes, name, node));
    LabParts parts = new LabParts(nodes);
    List<Link> links = links(parts);
    List<Node> read = new ArrayList<>();
    for (String node : parts.machines()) {
      read.add(node(node, nodes.map(node).orElseThrow(), links));
    }
    Lab lab = new Lab(name, file, List.copyOf(read), parts.bridges(), parts.nics(), links);
    lab.nodes().forEach(node -> LabParts.checkCards(lab, node, nodes));
    return lab;
  }

  private static void checkName(YamlMap nodes, String lab, String node) {
    if (!NODE.matcher(node).matches() || !ControlDirectory.isName(lab + "-" + node)) {
      throw nodes.wrong(
          node,
          "is a name of letters, digits, dots, dashes and underscores,"
              + " up to 40 together with the lab's");
    }
  }

  private Node node(String name, YamlMap own, List<Link> links) {
    List<YamlMap> levels = levels(own);
    List<String> exec = levels.stream().flatMap(level -> level.texts("exec").stream()).toList();
    if (exec.size() > MOST_COMMANDS) {
      throw own.wrong("exec", "has more than " + MOST_COMMANDS + " commands");
    }
    boolean managed = managed(levels);
    int cards = managed ? 1 : 0;
    for (Link link : links) {
      for (Endpoint end : List.of(link.one(), link.other())) {
        if (end.node().equals(name)) {
          if (end.card() == 0 && managed) {
            throw own.wrong(
                "has eth0 in links: that is at the NAT, unless it has network-mode: none");
          }
          cards = Math.max(cards, end.card() + 1);
        }
      }
    }
    return new Node(
        name,
        nearest(levels, "image").flatMap(level -> image(level)),
        nearest(levels, "memory").map(LabReader::memory),
        nearest(levels, "cpu").map(LabReader::cpus).orElse(1),
        managed,
        exec,
        binds(levels),
        cards);
  }

  /** What a node's settings are made of, the general first. */
  private List<YamlMap> levels(YamlMap own) {
    Optional<YamlMap> defaults = topology.map("defaults");
    Optional<YamlMap> kinds = topology.map("kinds").map(map -> map.knows(Set.of("linux")));
    List<YamlMap> levels =
        Stream.of(defaults, kinds.flatMap(map -> map.map("linux")), Optional.of(own))
            .flatMap(Optional::stream)
            .toList();
    for (YamlMap level : levels) {
      level.knows(NODE_KEYS);
      level
          .text("kind")
          .filter(kind -> !kind.equals("linux"))
          .ifPresent(kind -> {
            throw level.wrong(
                "kind", "is linux, bridge or sriov-nic, each its own node's, not " + shown(kind));
          });
    }
    return levels;
  }

  /** The last level that says something about a key. */
  private static Optional<YamlMap> nearest(List<YamlMap> levels, String key) {
    return levels.reversed().stream().filter(level -> level.keys().contains(key)).findFirst();
  }

  private static boolean managed(List<YamlMap> levels) {
    Optional<YamlMap> level = nearest(levels, "network-mode");
    return switch (level.flatMap(map -> map.text("network-mode")).orElse("nat")) {
      case "nat", "bridge" -> true;
      case "none" -> false;
      case String other ->
          throw level.orElseThrow().wrong("network-mode", "is nat or none, not " + shown(other));
    };
  }

  private Optional<String> image(YamlMap level) {
    String image = level.text("image").orElseThrow();
    if (image.isBlank() || image.contains(",")) {
      throw level.wrong("image", "is an image's name, or a file; see rz image ls");
    }
    return image.equals("default")
        ? Optional.empty()
        : Optional.of(image.contains("/") ? folder().resolve(image).toString() : image);
  }

  private Path folder() {
    return file.toAbsolutePath().normalize().getParent();
  }

  private static String memory(YamlMap level) {
    String text = level.text("memory").orElseThrow();
    Matcher matcher = MEMORY.matcher(text);
    if (!matcher.matches()) {
      throw level.wrong("memory", "is a size such as 512MB or 2Gib, not " + shown(text));
    }
    return matcher.group(1) + matcher.group(2).toUpperCase();
  }

  private static int cpus(YamlMap level) {
    String text = level.text("cpu").orElseThrow();
    if (!text.matches("\\d{1,2}")
        || Integer.parseInt(text) < 1
        || Integer.parseInt(text) > MOST_CPUS) {
      throw level.wrong("cpu", "is 1 to %d processors, not %s".formatted(MOST_CPUS, shown(text)));
    }
    return Integer.parseInt(text);
  }

  private List<String> binds(List<YamlMap> levels) {
    Map<String, String> binds = new LinkedHashMap<>();
    for (YamlMap level : levels) {
      for (String text : level.texts("binds")) {
        Bind bind = Bind.read(text, folder(), bindsAnywhere, level);
        binds.put(bind.guest(), bind.option());
      }
    }
    return List.copyOf(binds.values());
  }

  private List<Link> links(LabParts parts) {
    List<Link> links = new ArrayList<>();
    Map<Endpoint, YamlMap> taken = new LinkedHashMap<>();
    for (YamlMap map : topology.maps("links")) {
      map.knows(Set.of("endpoints", "mtu"));
      List<String> texts = map.texts("endpoints");
      if (texts.size() != 2) {
        throw map.wrong("endpoints", "is a list of two, such as [\"r1:eth1\", \"h1:eth1\"]");
      }
      List<Endpoint> ends = texts.stream().map(text -> parts.endpoint(text, map)).toList();
      parts.checkLink(ends.getFirst(), ends.getLast(), map);
      for (Endpoint end : ends) {
        if (taken.put(end, map) != null) {
          throw map.wrong("endpoints", "has " + end + ", which has a link already");
        }
      }
      links.add(new Link(ends.getFirst(), ends.getLast(), mtu(map)));
    }
    return List.copyOf(links);
  }

  private static OptionalInt mtu(YamlMap map) {
    Optional<String> text = map.text("mtu");
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    int mtu = text.get().matches("\\d{1,5}") ? Integer.parseInt(text.get()) : 0;
    if (mtu < LEAST_MTU || mtu > MOST_MTU) {
      throw map.wrong(
          "mtu", "is %d to %d, not %s".formatted(LEAST_MTU, MOST_MTU, shown(text.get())));
    }
    return OptionalInt.of(mtu);
  }
}
