package dev.ringzero.cli.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A topology: what a lab's file says.
 *
 * @param name of the lab, and of the process in which its machines run
 */
record Lab(String name, Path file, List<Node> nodes, List<Link> links) {
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

  /** The card of a node with a number: {@code eth1} is 1. */
  record Endpoint(String node, int card) {
    @Override
    public String toString() {
      return node + ":eth" + card;
    }
  }

  /** A cable. */
  record Link(Endpoint one, Endpoint other, OptionalInt mtu) {
    boolean isAt(Endpoint end) {
      return one.equals(end) || other.equals(end);
    }
  }

  /** What a machine of the lab is called among all machines of the user. */
  String machine(Node node) {
    return name + "-" + node.name();
  }

  /** The link at an end. */
  Optional<Link> link(Endpoint end) {
    return links.stream().filter(link -> link.isAt(end)).findFirst();
  }
}
