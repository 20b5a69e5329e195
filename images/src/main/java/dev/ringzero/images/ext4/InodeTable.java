package dev.ringzero.images.ext4;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Collects inodes, which come group by group, and writes the table a group's piece at a time. */
final class InodeTable {
  private final Layout layout;
  private final ExtentTree.BlockWriter writer;
  private final int[] directories;
  private ByteBuffer piece;
  private int group;
  private int highest = Inode.FIRST_ORDINARY;

  InodeTable(Layout layout, ExtentTree.BlockWriter writer) {
    this.layout = layout;
    this.writer = writer;
    this.directories = new int[layout.groups()];
    this.piece = emptyPiece();
  }

  private ByteBuffer emptyPiece() {
    return ByteBuffer.allocate(layout.inodeTableBlocks() * Layout.BLOCK_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  void put(int number, Inode inode) throws IOException {
    int inGroup = (number - 1) / layout.inodesPerGroup();
    if (inGroup != group) {
      write(group, piece);
      piece = emptyPiece();
      group = inGroup;
    }
    inode.write(piece, (number - 1) % layout.inodesPerGroup() * Layout.INODE_BYTES);
    if (inode.type() == Inode.S_IFDIR) {
      directories[inGroup]++;
    }
    highest = Math.max(highest, number);
  }

  void finish() throws IOException {
    write(group, piece);
  }

  private void write(int ofGroup, ByteBuffer content) throws IOException {
    writer.write(layout.inodeTable(ofGroup), content.clear());
  }

  int directories(int ofGroup) {
    return directories[ofGroup];
  }

  /** How many inodes of a group are in use, from its first on. */
  int used(int ofGroup) {
    long before = (long) ofGroup * layout.inodesPerGroup();
    return (int) Math.clamp(highest - before, 0, layout.inodesPerGroup());
  }
}
