package dev.ringzero.images.root;

import dev.ringzero.images.root.Node.Directory;
import dev.ringzero.images.root.Node.RegularFile;
import dev.ringzero.images.root.Node.Special;
import dev.ringzero.images.root.Node.SymbolicLink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A root file system in the making. It lies in memory, but for the contents of files, and links
 * lead to places in it alone: nothing that an archive says can reach a file of the host.
 */
public final class RootTree {
  private static final int LONGEST_NAME_BYTES = 255;
  private static final int LONGEST_TARGET_BYTES = 4000;
  private static final int MOST_LINKS = 40;
  private static final int MOST_NAMES = 256;
  private static final int MOST_NODES = 4 << 20;

  private final Directory root = new Directory(Attributes.ofRoot(0755));
  private final Spool spool;
  private int nodes;
  private long newestSeconds;

  public RootTree(Spool spool) {
    this.spool = spool;
  }

  public Directory root() {
    return root;
  }

  public Spool spool() {
    return spool;
  }

  /** The time of the newest file that has one. */
  public long newestSeconds() {
    return newestSeconds;
  }

  /** Adds a directory; one that is there, or a link to one, stays as it is. */
  public void directory(String path, Attributes attributes) throws IOException {
    if (follow(path) instanceof Directory) {
      return;
    }
    put(path, new Directory(attributes));
  }

  /** Adds a file and takes its content from a stream. */
  public void file(String path, Attributes attributes, InputStream content, long mostBytes)
      throws IOException {
    put(path, new RegularFile(attributes, spool.add(content, mostBytes)));
  }

  /** Adds a file of text that belongs to root. */
  public void file(String path, int permissions, String text) throws IOException {
    file(path, permissions, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a file that belongs to root. */
  public void file(String path, int permissions, byte[] content) throws IOException {
    put(path, new RegularFile(Attributes.ofRoot(permissions), spool.add(content)));
  }

  /** Adds a symbolic link. */
  public void symbolicLink(String path, Attributes attributes, String target) throws IOException {
    int length = target.getBytes(StandardCharsets.UTF_8).length;
    if (length == 0 || length > LONGEST_TARGET_BYTES || target.indexOf('\0') >= 0) {
      throw new IOException("the link " + path + " leads nowhere that can be named");
    }
    put(path, new SymbolicLink(attributes, target));
  }

  /** Adds a symbolic link of root's, unless something of that name is there. */
  public void linkWhereFree(String path, String target) throws IOException {
    if (find(path).isEmpty()) {
      symbolicLink(path, Attributes.ofRoot(0777), target);
    }
  }

  /** Gives a file a second name. */
  public void hardLink(String path, String target) throws IOException {
    Node linked = find(target).orElse(null);
    if (linked == null || linked instanceof Directory) {
      throw new IOException("the link " + path + " names no file: " + target);
    }
    put(path, linked);
  }

  /** Adds a device or a pipe. */
  public void special(String path, Special special) throws IOException {
    put(path, special);
  }

  /** What has this name, itself; links in front of the last name are followed. */
  public Optional<Node> find(String path) {
    List<String> names = names(path);
    if (names.isEmpty()) {
      return Optional.of(root);
    }
    return parent(names) instanceof Directory parent
        ? Optional.ofNullable(parent.entry(names.getLast()))
        : Optional.empty();
  }

  /** What this name leads to, through links. */
  public Optional<Node> resolve(String path) {
    return Optional.ofNullable(follow(path));
  }

  /** The content of a small file. */
  public Optional<byte[]> read(String path) throws IOException {
    return follow(path) instanceof RegularFile file
        ? Optional.of(spool.readAll(file.content()))
        : Optional.empty();
  }

  private void put(String path, Node node) throws IOException {
    List<String> names = names(path);
    if (names.isEmpty()) {
      return;
    }
    check(path, names);
    Directory parent = madeParent(path, names);
    if (parent.entry(names.getLast()) instanceof Directory && !(node instanceof Directory)) {
      throw new IOException(path + " is a directory already");
    }
    parent.put(names.getLast(), node);
    newestSeconds = Math.max(newestSeconds, node.attributes().modifiedSeconds());
  }

  private void check(String path, List<String> names) throws IOException {
    if (++nodes > MOST_NODES) {
      throw new IOException("too many files");
    }
    if (names.size() > MOST_NAMES) {
      throw new IOException("path with too many names: " + path.substring(0, LONGEST_NAME_BYTES));
    }
    for (String name : names) {
      int length = name.getBytes(StandardCharsets.UTF_8).length;
      if (length > LONGEST_NAME_BYTES || name.equals(".") || name.equals("..")) {
        throw new IOException("path with a name that no file can have: " + path);
      }
    }
  }

  private Directory madeParent(String path, List<String> names) throws IOException {
    for (int depth = 1; depth < names.size(); depth++) {
      List<String> prefix = names.subList(0, depth);
      Node found = walk(prefix);
      if (found == null
          && parent(prefix) instanceof Directory above
          && above.entry(prefix.getLast()) == null) {
        above.put(prefix.getLast(), new Directory(Attributes.ofRoot(0755)));
      } else if (!(found instanceof Directory)) {
        throw new IOException(path + " is below something that is no directory");
      }
    }
    return (Directory) parent(names);
  }

  private Node parent(List<String> names) {
    return walk(names.subList(0, names.size() - 1));
  }

  private Node follow(String path) {
    return walk(names(path));
  }

  /** Goes from name to name, through links; a climb out of the root stays at the root. */
  private Node walk(List<String> names) {
    Deque<String> ahead = new ArrayDeque<>(names);
    Deque<Directory> above = new ArrayDeque<>();
    Node at = root;
    int links = 0;
    while (!ahead.isEmpty()) {
      if (!(at instanceof Directory directory)) {
        return null;
      }
      String name = ahead.pop();
      if (name.equals("..")) {
        at = above.isEmpty() ? root : above.pop();
        continue;
      }
      Node next = directory.entry(name);
      if (next instanceof SymbolicLink link) {
        if (++links > MOST_LINKS) {
          return null;
        }
        names(link.target()).reversed().forEach(ahead::push);
        if (link.target().startsWith("/")) {
          above.clear();
          at = root;
        }
      } else {
        above.push(directory);
        at = next;
      }
      if (at == null) {
        return null;
      }
    }
    return at;
  }

  private static List<String> names(String path) {
    List<String> names = new ArrayList<>();
    for (String name : path.split("/")) {
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return names;
  }
}
