package dev.ringzero.cli.lab;

import dev.ringzero.cli.lab.Lab.Endpoint;
import dev.ringzero.cli.lab.Lab.Link;
import dev.ringzero.cli.lab.Lab.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What {@code rz run} is told for a node. */
final class NodeArguments {
  private NodeArguments() {}

  static List<String> of(Lab lab, Node node) {
    List<String> arguments = new ArrayList<>();
    arguments.add("--name=" + lab.machine(node));
    arguments.add("--cpus=" + node.cpus());
    node.memory().ifPresent(memory -> arguments.add("--memory=" + memory));
    node.image().ifPresent(image -> arguments.add("--image=" + image));
    node.binds().forEach(bind -> arguments.add("--share=" + bind));
    for (int card = 0; card < node.cards(); card++) {
      Optional<Endpoint> function = lab.function(Endpoint.card(node.name(), card));
      arguments.add(
          function.isPresent()
              ? "--device=" + function.get() + ",ip=none"
              : "--net=" + network(lab, node, card));
    }
    return List.copyOf(arguments);
  }

  private static String network(Lab lab, Node node, int card) {
    if (card == 0 && node.managed()) {
      return "nat";
    }
    Endpoint end = Endpoint.card(node.name(), card);
    Optional<Link> link = lab.link(end);
    String mtu =
        link.isPresent() && link.get().mtu().isPresent()
            ? ",mtu=" + link.get().mtu().getAsInt()
            : "";
    return lab.network(end) + mtu + ",ip=none";
  }
}
