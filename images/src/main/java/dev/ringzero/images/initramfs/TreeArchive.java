package dev.ringzero.images.initramfs;

import dev.ringzero.images.root.Node;
import dev.ringzero.images.root.Node.Directory;
import dev.ringzero.images.root.Node.RegularFile;
import dev.ringzero.images.root.Node.Special;
import dev.ringzero.images.root.Node.SymbolicLink;
import dev.ringzero.images.root.RootTree;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/** Writes a tree as a {@code cpio} archive, from which a kernel can take it as its root. */
public final class TreeArchive {
  private static final int S_IFIFO = 0x1000;
  private static final int S_IFCHR = 0x2000;
  private static final int S_IFDIR = 0x4000;
  private static final int S_IFBLK = 0x6000;
  private static final int S_IFREG = 0x8000;
  private static final int S_IFLNK = 0xA000;
  private static final int COPY_BYTES = 1 << 16;

  private final RootTree tree;
  private final CpioStream cpio;
  private final Map<Node, Integer> links = new IdentityHashMap<>();
  private final Map<Node, Integer> inodes = new IdentityHashMap<>();
  private final Set<Integer> written = new HashSet<>();

  private TreeArchive(RootTree tree, OutputStream out) {
    this.tree = tree;
    this.cpio = new CpioStream(out);
  }

  /** Writes the archive, and leaves the stream open. */
  public static void write(RootTree tree, OutputStream out) throws IOException {
    TreeArchive archive = new TreeArchive(tree, out);
    archive.count(tree.root());
    archive.write("", tree.root());
    archive.cpio.finish();
  }

  private void count(Directory directory) {
    for (Node node : directory.entries().values()) {
      links.merge(node, 1, Integer::sum);
      inodes.putIfAbsent(node, inodes.size() + 1);
      if (node instanceof Directory below) {
        count(below);
      }
    }
  }

  private void write(String prefix, Directory directory) throws IOException {
    for (Map.Entry<String, Node> entry : directory.entries().entrySet()) {
      String path = prefix + entry.getKey();
      write(path, entry.getValue());
      if (entry.getValue() instanceof Directory below) {
        write(path + "/", below);
      }
    }
  }

  private void write(String path, Node node) throws IOException {
    switch (node) {
      case Directory directory -> header(path, node, S_IFDIR, 0, 0, 0);
      case RegularFile file -> write(path, file);
      case SymbolicLink link -> {
        byte[] target = link.target().getBytes(StandardCharsets.UTF_8);
        header(path, node, S_IFLNK, target.length, 0, 0);
        cpio.content(target);
        cpio.align();
      }
      case Special special -> {
        int type =
            switch (special.kind()) {
              case CHARACTER_DEVICE -> S_IFCHR;
              case BLOCK_DEVICE -> S_IFBLK;
              case PIPE -> S_IFIFO;
            };
        header(path, node, type, 0, special.major(), special.minor());
      }
    }
  }

  /** Of several names the first carries the content. */
  private void write(String path, RegularFile file) throws IOException {
    boolean first = written.add(inodes.get(file));
    long sizeBytes = first ? file.content().sizeBytes() : 0;
    header(path, file, S_IFREG, sizeBytes, 0, 0);
    byte[] buffer = new byte[COPY_BYTES];
    for (long at = 0; at < sizeBytes; ) {
      int part = (int) Math.min(buffer.length, sizeBytes - at);
      tree.spool().read(file.content(), at, ByteBuffer.wrap(buffer, 0, part));
      cpio.content(buffer, part);
      at += part;
    }
    cpio.align();
  }

  private void header(String path, Node node, int type, long sizeBytes, int major, int minor)
      throws IOException {
    int mode = type | node.attributes().permissions();
    int count = node instanceof Directory ? 2 : links.get(node);
    cpio.header(
        new CpioStream.Header(
            inodes.get(node), mode, node.attributes(), count, sizeBytes, major, minor, path));
  }
}
