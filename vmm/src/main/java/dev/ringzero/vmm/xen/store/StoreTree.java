package dev.ringzero.vmm.xen.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Nodes with their values, by absolute path. The guest may read all of them, and change those that
 * are its own: what is made below a node has its owner.
 */
final class StoreTree {
  private static final int MOST_GUEST_NODES = 1000;
  private static final int MOST_VALUE_BYTES = 2048;
  private static final byte[] NOTHING = {};

  private final NavigableMap<String, Node> nodes = new TreeMap<>();

  private record Node(byte[] value, boolean guests) {}

  StoreTree() {
    nodes.put("/", new Node(NOTHING, false));
  }

  private StoreTree(Map<String, Node> from) {
    nodes.putAll(from);
  }

  StoreTree copy() {
    return new StoreTree(nodes);
  }

  byte[] read(String path) throws StoreError {
    Node node = nodes.get(path);
    if (node == null) {
      throw new StoreError(StoreError.Name.ENOENT);
    }
    return node.value;
  }

  boolean exists(String path) {
    return nodes.containsKey(path);
  }

  boolean isGuests(String path) throws StoreError {
    read(path);
    return nodes.get(path).guests;
  }

  /** Names of the nodes right below one. */
  List<String> children(String path) throws StoreError {
    read(path);
    List<String> names = new ArrayList<>();
    for (String below : below(path).keySet()) {
      if (StorePath.parent(below).equals(path)) {
        names.add(StorePath.name(below));
      }
    }
    return names;
  }

  private NavigableMap<String, Node> below(String path) {
    String from = path.equals("/") ? "/" : path + "/";
    return nodes.subMap(from, !path.equals("/"), from + Character.MAX_VALUE, false);
  }

  /** The monitor's write: it makes what is missing on the way. */
  void put(String path, byte[] value, boolean guests) {
    if (!path.equals("/") && !nodes.containsKey(StorePath.parent(path))) {
      put(StorePath.parent(path), NOTHING, false);
    }
    nodes.put(path, new Node(value, guests));
  }

  /**
   * The guest's write.
   *
   * @throws StoreError if it may not, or has too many nodes
   */
  void write(String path, byte[] value) throws StoreError {
    if (value.length > MOST_VALUE_BYTES) {
      throw new StoreError(StoreError.Name.ENOSPC);
    }
    makeParents(path);
    nodes.put(path, new Node(value, true));
  }

  /** Makes a node, if it does not exist, with all on the way. */
  void make(String path) throws StoreError {
    if (!nodes.containsKey(path)) {
      makeParents(path);
      nodes.put(path, new Node(NOTHING, true));
    }
  }

  private void makeParents(String path) throws StoreError {
    String nearest = path;
    List<String> missing = new ArrayList<>();
    while (!nodes.containsKey(nearest)) {
      missing.add(nearest);
      nearest = StorePath.parent(nearest);
    }
    if (!nodes.get(nearest).guests) {
      throw new StoreError(StoreError.Name.EACCES);
    }
    long own = missing.isEmpty() ? 0 : nodes.values().stream().filter(Node::guests).count();
    if (own + missing.size() > MOST_GUEST_NODES) {
      throw new StoreError(StoreError.Name.ENOSPC);
    }
    missing.forEach(each -> nodes.put(each, new Node(NOTHING, true)));
  }

  /** The guest removes a node and all below it. */
  void remove(String path) throws StoreError {
    if (!nodes.containsKey(path)) {
      String parent = StorePath.parent(path);
      throw new StoreError(
          nodes.containsKey(parent) ? StoreError.Name.ENOENT : StoreError.Name.EINVAL);
    }
    if (!nodes.get(path).guests || below(path).values().stream().anyMatch(node -> !node.guests)) {
      throw new StoreError(StoreError.Name.EACCES);
    }
    below(path).clear();
    nodes.remove(path);
  }

  /** The monitor removes a node and all below it. */
  void drop(String path) {
    below(path).clear();
    nodes.remove(path);
  }
}
