package dev.ringzero.cli.lab;

import static dev.ringzero.cli.lab.YamlMap.shown;

import dev.ringzero.cli.lab.Lab.Endpoint;
import dev.ringzero.cli.lab.Lab.Nic;
import dev.ringzero.cli.lab.Lab.Node;
import dev.ringzero.vmm.machine.CardModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the nodes of a lab are, and at which of their ports links may end. */
final class LabParts {
  private static final String BRIDGE = "bridge";
  private static final String NIC = "sriov-nic";
  private static final int USUAL_FUNCTIONS = 7;
  private static final Pattern ENDPOINT = Pattern.compile("([^:]{1,30}):([A-Za-z0-9_.-]{1,15})");

  private final YamlMap nodes;
  private final List<String> machines = new ArrayList<>();
  private final List<String> bridges = new ArrayList<>();
  private final Map<String, Nic> nics = new LinkedHashMap<>();

  LabParts(YamlMap nodes) {
    this.nodes = nodes;
    for (String name : nodes.keys()) {
      YamlMap node = nodes.map(name).orElseThrow();
      switch (kind(node)) {
        case BRIDGE -> {
          node.knows(Set.of("kind", "labels"));
          bridges.add(name);
        }
        case NIC -> nics.put(name, nic(name, node));
        default -> machines.add(name);
      }
    }
  }

  /** A kind that is no text is said to be wrong where machines are read. */
  private static String kind(YamlMap node) {
    return node.keys().contains("kind") ? node.text("kind").orElse("") : "";
  }

  private static Nic nic(String name, YamlMap node) {
    node.knows(Set.of("kind", "labels", "model", "vfs", "network-mode"));
    CardModel model = model(node);
    String text = node.text("vfs").orElse(String.valueOf(USUAL_FUNCTIONS));
    int functions = text.matches("\\d{1,2}") ? Integer.parseInt(text) : 0;
    if (functions < 1 || functions > model.mostFunctions()) {
      throw node.wrong(
          "vfs", "is 1 to %d functions, not %s".formatted(model.mostFunctions(), shown(text)));
    }
    boolean managed =
        switch (node.text("network-mode").orElse("none")) {
          case "nat" -> true;
          case "none" -> false;
          case String other ->
              throw node.wrong("network-mode", "is nat or none, not " + shown(other));
        };
    return new Nic(name, functions, model, managed);
  }

  private static CardModel model(YamlMap node) {
    try {
      return node.text("model").map(CardModel::parse).orElse(CardModel.VIRTIO);
    } catch (IllegalArgumentException e) {
      throw node.wrong("model", "is " + e.getMessage());
    }
  }

  List<String> machines() {
    return List.copyOf(machines);
  }

  List<String> bridges() {
    return List.copyOf(bridges);
  }

  List<Nic> nics() {
    return List.copyOf(nics.values());
  }

  Endpoint endpoint(String text, YamlMap link) {
    Matcher matcher = ENDPOINT.matcher(text);
    if (!matcher.matches()) {
      throw link.wrong(
          "endpoints", "has NODE:eth0 to NODE:eth7, such as r1:eth1, not " + shown(text));
    }
    Endpoint end = new Endpoint(matcher.group(1), matcher.group(2));
    if (!nodes.keys().contains(end.node())) {
      throw link.wrong(
          "endpoints",
          "has %s, and there is no such node; there are %s"
              .formatted(shown(text), shown(String.join(", ", nodes.keys()))));
    }
    Nic nic = nics.get(end.node());
    if (nic != null && !hasPort(nic, end.port())) {
      throw link.wrong(
          "endpoints",
          "has %s, and a network card has uplink, pf and vf0 to vf%d"
              .formatted(shown(text), nic.functions() - 1));
    }
    if (nic == null && !bridges.contains(end.node()) && !end.port().matches("eth[0-7]")) {
      throw link.wrong(
          "endpoints", "has NODE:eth0 to NODE:eth7, such as r1:eth1, not " + shown(text));
    }
    return end;
  }

  private static boolean hasPort(Nic nic, String port) {
    return port.equals(Endpoint.UPLINK)
        || port.equals("pf")
        || port.matches("vf\\d{1,2}") && Integer.parseInt(port.substring(2)) < nic.functions();
  }

  /** Refuses links that do not lead to a machine, but for a network card's cable to a bridge. */
  void checkLink(Endpoint one, Endpoint other, YamlMap link) {
    boolean machine = machines.contains(one.node()) || machines.contains(other.node());
    boolean cable =
        isUplink(one) && bridges.contains(other.node())
            || isUplink(other) && bridges.contains(one.node());
    if (!machine && !cable) {
      throw link.wrong(
          "endpoints", "leads from %s to %s: one end is a machine's".formatted(one, other));
    }
    for (Endpoint end : List.of(one, other)) {
      if (isUplink(end) && nics.get(end.node()).managed()) {
        throw link.wrong("endpoints", "has " + end + ", which is at the NAT by network-mode: nat");
      }
    }
  }

  private boolean isUplink(Endpoint end) {
    return nics.containsKey(end.node()) && end.port().equals(Endpoint.UPLINK);
  }

  /** Functions are in slots, which guests look into after all that is on the board. */
  static void checkCards(Lab lab, Node node, YamlMap nodes) {
    Optional<Endpoint> function = Optional.empty();
    for (int card = 0; card < node.cards(); card++) {
      Endpoint end = Endpoint.card(node.name(), card);
      Optional<Endpoint> now = lab.function(end);
      if (function.isPresent() && now.isEmpty()) {
        throw nodes.wrong(
            node.name(),
            "has %s behind a function of a network card: functions come last".formatted(end));
      }
      function = now;
    }
  }
}
