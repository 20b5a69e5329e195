package dev.ringzero.images.ext4;

import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.ext4.BlockAllocator.Run;
import dev.ringzero.images.root.Attributes;
import dev.ringzero.images.root.Node;
import dev.ringzero.images.root.Node.Directory;
import dev.ringzero.images.root.Node.RegularFile;
import dev.ringzero.images.root.Node.Special;
import dev.ringzero.images.root.Node.SymbolicLink;
import dev.ringzero.images.root.RootTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes a tree to a disk that holds zeros, as an ext4 file system with extents and a journal. What
 * stays zero is not written. Equal trees give equal bytes.
 *
 * <p>Not modelled: extended attributes, checksums of metadata, flexible groups, more than 16 TiB.
 *
 * @spec Linux Documentation/filesystems/ext4
 */
public final class Ext4Writer {
  private static final String LOST_AND_FOUND = "lost+found";
  private static final int COPY_BYTES = 1 << 20;
  private static final int LONGEST_INLINE_TARGET = ExtentTree.ROOT_BYTES - 1;
  private static final int FT_REG_FILE = 1;
  private static final int FT_DIR = 2;
  private static final int FT_CHRDEV = 3;
  private static final int FT_BLKDEV = 4;
  private static final int FT_FIFO = 5;
  private static final int FT_SYMLINK = 7;

  /** Block groups and inode tables take less than this share of a disk. */
  private static final int METADATA_SHARE = 32;

  private final RootTree tree;
  private final Disk disk;
  private final Ext4Identity identity;
  private final InodeNumbers numbers;
  private final Layout layout;
  private final BlockAllocator blocks;
  private final InodeTable inodes;
  private final ByteBuffer copy = ByteBuffer.allocateDirect(COPY_BYTES);

  private Ext4Writer(RootTree tree, Disk disk, Ext4Identity identity) {
    this.tree = tree;
    this.disk = disk;
    this.identity = identity;
    this.numbers = new InodeNumbers(tree.root());
    this.layout = Layout.of(disk.sizeBytes(), numbers.highest() + 1L);
    this.blocks = new BlockAllocator(layout);
    this.inodes = new InodeTable(layout, this::write);
  }

  /**
   * Writes a file system.
   *
   * @throws IOException also if the disk is too small
   */
  public static void write(RootTree tree, Disk disk, Ext4Identity identity) throws IOException {
    new Ext4Writer(tree, disk, identity).write();
    disk.flush();
  }

  /** The size of a disk on which a tree leaves about so much room. */
  public static long sizeFor(RootTree tree, long freeBytes) {
    InodeNumbers numbers = new InodeNumbers(tree.root());
    long content = Layout.BLOCK_BYTES;
    for (Node node : numbers.inOrder()) {
      content += Layout.BLOCK_BYTES + Layout.INODE_BYTES;
      if (node instanceof RegularFile file) {
        content += file.content().sizeBytes();
      }
    }
    long plain = content + freeBytes;
    return plain + plain / METADATA_SHARE + Journal.sizeBytes(2 * plain);
  }

  private void write() throws IOException {
    if (layout.inodes() <= numbers.highest() || layout.dataBlocks() <= 0) {
      throw new IOException("the file system is too small for its files");
    }
    Journal journal = new Journal(layout, identity);
    Inode journalInode =
        mapped(Inode.S_IFREG, Attributes.ofRoot(0600), 1, journal.sizeBytes(), this::skip);
    write(firstBlock(journalInode), journal.firstBlock());
    writeRoot();
    inodes.put(Inode.JOURNAL, journalInode);
    writeLostAndFound();
    for (Node node : numbers.inOrder()) {
      inodes.put(numbers.of(node), inode(node));
    }
    inodes.finish();
    new GroupWriter(layout, blocks, inodes, this::write).write(identity, journalInode);
  }

  private static long firstBlock(Inode inode) {
    return ByteBuffer.wrap(inode.mapping()).order(ByteOrder.LITTLE_ENDIAN).getInt(20)
        & 0xFFFF_FFFFL;
  }

  private void writeRoot() throws IOException {
    DirectoryBlocks entries = new DirectoryBlocks();
    entries.add(".", Inode.ROOT, FT_DIR);
    entries.add("..", Inode.ROOT, FT_DIR);
    entries.add(LOST_AND_FOUND, Inode.FIRST_ORDINARY, FT_DIR);
    addEntries(tree.root(), entries);
    Attributes attributes = tree.root().attributes();
    inodes.put(Inode.ROOT, directory(attributes, numbers.links(tree.root()) + 1, entries));
  }

  private void writeLostAndFound() throws IOException {
    DirectoryBlocks entries = new DirectoryBlocks();
    entries.add(".", Inode.FIRST_ORDINARY, FT_DIR);
    entries.add("..", Inode.ROOT, FT_DIR);
    inodes.put(Inode.FIRST_ORDINARY, directory(Attributes.ofRoot(0700), 2, entries));
  }

  private Inode inode(Node node) throws IOException {
    int links = numbers.links(node);
    return switch (node) {
      case Directory directory -> {
        DirectoryBlocks entries = new DirectoryBlocks();
        entries.add(".", numbers.of(directory), FT_DIR);
        entries.add("..", numbers.of(numbers.parent(directory)), FT_DIR);
        addEntries(directory, entries);
        yield directory(directory.attributes(), links, entries);
      }
      case RegularFile file ->
          mapped(
              Inode.S_IFREG,
              file.attributes(),
              links,
              file.content().sizeBytes(),
              runs -> writeContent(file, runs));
      case SymbolicLink link -> symbolicLink(link, links);
      case Special special -> special(special, links);
    };
  }

  private void addEntries(Directory directory, DirectoryBlocks entries) {
    for (Map.Entry<String, Node> entry : directory.entries().entrySet()) {
      if (directory != tree.root() || !entry.getKey().equals(LOST_AND_FOUND)) {
        Node node = entry.getValue();
        entries.add(entry.getKey(), numbers.of(node), fileType(node));
      }
    }
  }

  private static int fileType(Node node) {
    return switch (node) {
      case Directory directory -> FT_DIR;
      case RegularFile file -> FT_REG_FILE;
      case SymbolicLink link -> FT_SYMLINK;
      case Special special ->
          switch (special.kind()) {
            case CHARACTER_DEVICE -> FT_CHRDEV;
            case BLOCK_DEVICE -> FT_BLKDEV;
            case PIPE -> FT_FIFO;
          };
    };
  }

  private Inode directory(Attributes attributes, int links, DirectoryBlocks entries)
      throws IOException {
    ByteBuffer content = entries.finish();
    return mapped(
        Inode.S_IFDIR, attributes, links, content.remaining(), runs -> write(runs, content));
  }

  private Inode symbolicLink(SymbolicLink link, int links) throws IOException {
    byte[] target = link.target().getBytes(StandardCharsets.UTF_8);
    Attributes attributes = link.attributes();
    if (target.length <= LONGEST_INLINE_TARGET) {
      byte[] mapping = Arrays.copyOf(target, ExtentTree.ROOT_BYTES);
      return new Inode(Inode.S_IFLNK, attributes, links, target.length, 0, 0, mapping);
    }
    return mapped(
        Inode.S_IFLNK,
        attributes,
        links,
        target.length,
        runs -> write(runs, ByteBuffer.wrap(target)));
  }

  /** A device's number is in the first word, in the old form, or in the second in the new one. */
  private static Inode special(Special special, int links) {
    ByteBuffer mapping = ByteBuffer.allocate(ExtentTree.ROOT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int major = special.major();
    int minor = special.minor();
    if (major < 256 && minor < 256) {
      mapping.putInt(0, major << 8 | minor);
    } else {
      mapping.putInt(4, minor & 0xFF | (major & 0xFFF) << 8 | (minor & ~0xFF) << 12);
    }
    int type =
        switch (special.kind()) {
          case CHARACTER_DEVICE -> Inode.S_IFCHR;
          case BLOCK_DEVICE -> Inode.S_IFBLK;
          case PIPE -> Inode.S_IFIFO;
        };
    return new Inode(type, special.attributes(), links, 0, 0, 0, mapping.array());
  }

  /** Writes something into blocks that were found for it. */
  private interface Content {
    void write(List<Run> runs) throws IOException;
  }

  private Inode mapped(int type, Attributes attributes, int links, long sizeBytes, Content content)
      throws IOException {
    long wanted = (sizeBytes + Layout.BLOCK_BYTES - 1) / Layout.BLOCK_BYTES;
    List<Run> runs = blocks.allocate(wanted);
    content.write(runs);
    ExtentTree extents = new ExtentTree(runs, blocks, this::write);
    long used = wanted + extents.leafBlocks();
    return new Inode(type, attributes, links, sizeBytes, used, Inode.EXTENTS_FL, extents.root());
  }

  private void skip(List<Run> runs) {
    // The disk holds zeros already.
  }

  private void writeContent(RegularFile file, List<Run> runs) throws IOException {
    long sizeBytes = file.content().sizeBytes();
    long done = 0;
    for (Run run : runs) {
      long at = run.firstBlock() * Layout.BLOCK_BYTES;
      long end = Math.min(sizeBytes, done + (long) run.blocks() * Layout.BLOCK_BYTES);
      while (done < end) {
        copy.clear().limit((int) Math.min(COPY_BYTES, end - done));
        tree.spool().read(file.content(), done, copy);
        copy.flip();
        int length = copy.remaining();
        disk.write(at, padded());
        done += length;
        at += length;
      }
    }
  }

  /** Disks are written in whole sectors. */
  private ByteBuffer padded() {
    int length = copy.limit();
    int whole = length + Layout.BLOCK_BYTES - 1 & -Layout.BLOCK_BYTES;
    copy.limit(whole);
    for (int i = length; i < whole; i++) {
      copy.put(i, (byte) 0);
    }
    return copy;
  }

  private void write(List<Run> runs, ByteBuffer content) throws IOException {
    int end = content.limit();
    for (Run run : runs) {
      content.limit(Math.min(end, content.position() + run.blocks() * Layout.BLOCK_BYTES));
      write(run.firstBlock(), content);
    }
  }

  private void write(long block, ByteBuffer content) throws IOException {
    disk.write(block * Layout.BLOCK_BYTES, wholeBlocks(content));
  }

  private static ByteBuffer wholeBlocks(ByteBuffer content) {
    int length = content.remaining();
    if (length % Layout.BLOCK_BYTES == 0) {
      return content;
    }
    ByteBuffer whole = ByteBuffer.allocate(length + Layout.BLOCK_BYTES - 1 & -Layout.BLOCK_BYTES);
    return whole.put(content).clear();
  }
}
