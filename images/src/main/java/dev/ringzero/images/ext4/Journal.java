package dev.ringzero.images.ext4;

import java.nio.ByteBuffer;

/**
 * The journal, empty: a superblock of its own, and blocks that hold nothing yet.
 *
 * @spec Linux Documentation/filesystems/ext4/journal.rst, Super Block
 */
final class Journal {
  private static final int MAGIC = 0xC03B3998;
  private static final int SUPERBLOCK_V2 = 4;
  private static final int LEAST_BLOCKS = 1024;
  private static final int MOST_BLOCKS = 16384;
  private static final int SHARE = 32;

  private final int blocks;
  private final Ext4Identity identity;

  Journal(Layout layout, Ext4Identity identity) {
    this.blocks = (int) Math.clamp(layout.blocks() / SHARE, LEAST_BLOCKS, MOST_BLOCKS);
    this.identity = identity;
  }

  /** An upper bound for a disk of that size. */
  static long sizeBytes(long diskBytes) {
    long blocks = diskBytes / Layout.BLOCK_BYTES / SHARE;
    return Math.clamp(blocks, LEAST_BLOCKS, MOST_BLOCKS) * Layout.BLOCK_BYTES;
  }

  long sizeBytes() {
    return (long) blocks * Layout.BLOCK_BYTES;
  }

  ByteBuffer firstBlock() {
    ByteBuffer to = ByteBuffer.allocate(Layout.BLOCK_BYTES);
    to.putInt(0x00, MAGIC); // h_magic
    to.putInt(0x04, SUPERBLOCK_V2); // h_blocktype
    to.putInt(0x0C, Layout.BLOCK_BYTES); // s_blocksize
    to.putInt(0x10, blocks); // s_maxlen
    to.putInt(0x14, 1); // s_first
    to.putInt(0x18, 1); // s_sequence
    to.put(0x30, identity.uuid()); // s_uuid
    to.putInt(0x40, 1); // s_nr_users
    return to;
  }
}
