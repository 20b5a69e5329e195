package dev.ringzero.images.root;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** Something in a file system; a file with several names is one node at several places. */
public sealed interface Node {
  Attributes attributes();

  /** A directory, its entries in the order of their names. */
  final class Directory implements Node {
    private final Attributes attributes;
    private final Map<String, Node> entries = new TreeMap<>();

    Directory(Attributes attributes) {
      this.attributes = attributes;
    }

    @Override
    public Attributes attributes() {
      return attributes;
    }

    public Map<String, Node> entries() {
      return Collections.unmodifiableMap(entries);
    }

    Node entry(String name) {
      return entries.get(name);
    }

    void put(String name, Node node) {
      entries.put(name, node);
    }
  }

  /** A file. Two of them are the same only if they are one file with two names. */
  final class RegularFile implements Node {
    private final Attributes attributes;
    private final Spool.Range content;

    RegularFile(Attributes attributes, Spool.Range content) {
      this.attributes = attributes;
      this.content = content;
    }

    @Override
    public Attributes attributes() {
      return attributes;
    }

    public Spool.Range content() {
      return content;
    }
  }

  /** A symbolic link. */
  record SymbolicLink(Attributes attributes, String target) implements Node {}

  /** A device or a pipe. */
  record Special(Attributes attributes, Kind kind, int major, int minor) implements Node {
    /** What it is. */
    public enum Kind {
      CHARACTER_DEVICE,
      BLOCK_DEVICE,
      PIPE
    }
  }
}
