package dev.ringzero.images.ext4;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Writes what describes the groups when all files are there: bitmaps, descriptors, superblocks.
 *
 * @spec Linux Documentation/filesystems/ext4/group_descr.rst, Block Group Descriptors
 */
final class GroupWriter {
  private final Layout layout;
  private final BlockAllocator blocks;
  private final InodeTable inodes;
  private final ExtentTree.BlockWriter writer;
  private final ByteBuffer descriptors;
  private long freeBlocks;
  private long freeInodes;

  GroupWriter(
      Layout layout, BlockAllocator blocks, InodeTable inodes, ExtentTree.BlockWriter writer) {
    this.layout = layout;
    this.blocks = blocks;
    this.inodes = inodes;
    this.writer = writer;
    this.descriptors =
        ByteBuffer.allocate(layout.descriptorBlocks() * Layout.BLOCK_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  void write(Ext4Identity identity, Inode journal) throws IOException {
    for (int group = 0; group < layout.groups(); group++) {
      describe(group);
    }
    Superblock superblock =
        new Superblock(
            layout, identity, freeBlocks, freeInodes, journal.mapping(), journal.sizeBytes());
    for (int group = 0; group < layout.groups(); group++) {
      if (Layout.hasSuperblock(group)) {
        ByteBuffer block = ByteBuffer.allocate(Layout.BLOCK_BYTES);
        block.put(group == 0 ? Superblock.OFFSET : 0, superblock.encode(group).array());
        writer.write(layout.firstBlock(group), block);
        writer.write(layout.firstBlock(group) + 1, descriptors.duplicate().clear());
      }
    }
  }

  private void describe(int group) throws IOException {
    int size = (int) (layout.endBlock(group) - layout.firstBlock(group));
    int usedBlocks = blocks.used(group);
    int usedInodes = inodes.used(group);
    writer.write(layout.blockBitmap(group), bitmap(usedBlocks, size));
    writer.write(layout.inodeBitmap(group), bitmap(usedInodes, layout.inodesPerGroup()));
    freeBlocks += size - usedBlocks;
    freeInodes += layout.inodesPerGroup() - usedInodes;
    int at = group * Layout.DESCRIPTOR_BYTES;
    descriptors.putInt(at, (int) layout.blockBitmap(group)); // bg_block_bitmap_lo
    descriptors.putInt(at + 0x04, (int) layout.inodeBitmap(group)); // bg_inode_bitmap_lo
    descriptors.putInt(at + 0x08, (int) layout.inodeTable(group)); // bg_inode_table_lo
    descriptors.putShort(at + 0x0C, (short) (size - usedBlocks)); // bg_free_blocks_count_lo
    int free = layout.inodesPerGroup() - usedInodes;
    descriptors.putShort(at + 0x0E, (short) free); // bg_free_inodes_count_lo
    descriptors.putShort(at + 0x10, (short) inodes.directories(group)); // bg_used_dirs_count_lo
  }

  /** Bits of what is in use, and of what is not there at all. */
  private static ByteBuffer bitmap(int used, int present) {
    byte[] bits = new byte[Layout.BLOCK_BYTES];
    set(bits, 0, used);
    set(bits, present, 8 * Layout.BLOCK_BYTES);
    return ByteBuffer.wrap(bits);
  }

  private static void set(byte[] bits, int from, int to) {
    int bit = from;
    for (; bit < to && bit % 8 != 0; bit++) {
      bits[bit / 8] |= (byte) (1 << bit % 8);
    }
    if (bit < to) {
      Arrays.fill(bits, bit / 8, to / 8, (byte) 0xFF);
      for (bit = to & ~7; bit < to; bit++) {
        bits[bit / 8] |= (byte) (1 << bit % 8);
      }
    }
  }
}
