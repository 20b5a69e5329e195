package dev.ringzero.cli.lab;

import dev.ringzero.vmm.machine.CardModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A topology: what a lab's file says.
 *
 * @param name of the lab, and of the process in which its machines run
 */
record Lab(
    String name,
    Path file,
    List<Node> nodes,
    List<String> bridges,
    List<Nic> nics,
    List<Link> links) {
  /**
   * A machine.
   *
   * @param image an image's name, or an absolute path; empty for the default guest
   * @param memory such as 512M
   * @param managed whether eth0 is at the NAT
   * @param exec commands to run in the guest when all machines are up
   * @param binds in the form of {@code --share}
   * @param cards how many it has, eth0 included
   */
  record Node(
      String name,
      Optional<String> image,
      Optional<String> memory,
      int cpus,
      boolean managed,
      List<String> exec,
      List<String> binds,
      int cards) {}

  /**
   * A network card of the host that makes virtual functions.
   *
   * @param model what machines take its functions for
   * @param managed whether its cable leads to the NAT, unless a link says where
   */
  record Nic(String name, int functions, CardModel model, boolean managed) {}

  /**
   * Where a link ends: a card of a node, a bridge, or a function or the cable of a network card.
   */
  record Endpoint(String node, String port) {
    static final String UPLINK = "uplink";
    private static final String CARD = "eth";

    /** The card of a machine with a number. */
    static Endpoint card(String node, int number) {
      return new Endpoint(node, CARD + number);
    }

    /** The number of a machine's card. */
    int card() {
      return Integer.parseInt(port.substring(CARD.length()));
    }

    @Override
    public String toString() {
      return node + ":" + port;
    }
  }

  /** A cable. */
  record Link(Endpoint one, Endpoint other, OptionalInt mtu) {
    boolean isAt(Endpoint end) {
      return one.equals(end) || other.equals(end);
    }

    /** What is at the other end than this one. */
    Endpoint opposite(Endpoint end) {
      return one.equals(end) ? other : one;
    }
  }

  /** What a machine of the lab is called among all machines of the user. */
  String machine(Node node) {
    return name + "-" + node.name();
  }

  boolean isBridge(String part) {
    return bridges.contains(part);
  }

  boolean isNic(String part) {
    return nics.stream().anyMatch(nic -> nic.name().equals(part));
  }

  /** To what a card or a network card's cable is plugged, as {@code --net} takes it. */
  String network(Endpoint end) {
    Optional<Link> link = link(end);
    String other = link.map(at -> at.opposite(end).node()).orElse("");
    return isBridge(other) ? "bridge=" + other : "cable=" + link.map(Link::one).orElse(end);
  }

  /** The function of a network card that a machine's card is. */
  Optional<Endpoint> function(Endpoint end) {
    return link(end)
        .map(link -> link.opposite(end))
        .filter(other -> isNic(other.node()) && !other.port().equals(Endpoint.UPLINK));
  }

  /** The link at an end. */
  Optional<Link> link(Endpoint end) {
    return links.stream().filter(link -> link.isAt(end)).findFirst();
  }
}
