package dev.ringzero.images.ext4;

import dev.ringzero.images.root.Node;
import dev.ringzero.images.root.Node.Directory;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Gives each file of a tree its number, and counts its names. */
final class InodeNumbers {
  private final Map<Node, Integer> numbers = new IdentityHashMap<>();
  private final Map<Node, Integer> links = new IdentityHashMap<>();
  private final Map<Node, Directory> parents = new IdentityHashMap<>();
  private final List<Node> inOrder = new ArrayList<>();

  /** Numbers a tree: the root is 2, the others follow {@code lost+found}. */
  InodeNumbers(Directory root) {
    numbers.put(root, Inode.ROOT);
    links.put(root, 2);
    parents.put(root, root);
    visit(root);
  }

  private void visit(Directory directory) {
    List<Directory> below = new ArrayList<>();
    for (Node node : directory.entries().values()) {
      links.merge(node, node instanceof Directory ? 2 : 1, Integer::sum);
      if (numbers.putIfAbsent(node, Inode.FIRST_ORDINARY + 1 + inOrder.size()) == null) {
        inOrder.add(node);
      }
      if (node instanceof Directory inner) {
        links.merge(directory, 1, Integer::sum);
        parents.put(inner, directory);
        below.add(inner);
      }
    }
    below.forEach(this::visit);
  }

  int of(Node node) {
    return numbers.get(node);
  }

  int links(Node node) {
    return links.get(node);
  }

  Directory parent(Directory directory) {
    return parents.get(directory);
  }

  /** All but the root, in the order of their numbers. */
  List<Node> inOrder() {
    return inOrder;
  }

  int highest() {
    return Inode.FIRST_ORDINARY + inOrder.size();
  }
}
