package dev.ringzero.images.ext4;

/**
 * Where the parts of a file system lie. The disk is cut into groups of 128 MiB; each begins with a
 * copy of the superblock and the group descriptors, where it has one, then come two bitmaps and a
 * piece of the inode table, then data.
 *
 * @spec Linux Documentation/filesystems/ext4/blockgroup.rst, Layout
 */
record Layout(long blocks, int groups, int inodesPerGroup) {
  static final int BLOCK_BYTES = 4096;
  static final int BLOCKS_PER_GROUP = 8 * BLOCK_BYTES;
  static final int INODE_BYTES = 256;
  static final int DESCRIPTOR_BYTES = 32;
  private static final int INODES_PER_BLOCK = BLOCK_BYTES / INODE_BYTES;
  private static final int MOST_INODES_PER_GROUP = 8 * BLOCK_BYTES;
  private static final int BITMAP_BLOCKS = 2;

  /** A last group with less room than this for data is left out. */
  private static final int LEAST_DATA_BLOCKS = 64;

  /** Data bytes for which one inode is kept. */
  private static final long BYTES_PER_INODE = 16384;

  /** Lays out a disk that has room for at least so many inodes. */
  static Layout of(long sizeBytes, long leastInodes) {
    long blocks = sizeBytes / BLOCK_BYTES;
    int groups = groups(blocks);
    long inodes = Math.max(leastInodes, sizeBytes / BYTES_PER_INODE);
    long perGroup = (inodes + groups - 1) / Math.max(1, groups);
    long rounded = (perGroup + INODES_PER_BLOCK - 1) / INODES_PER_BLOCK * INODES_PER_BLOCK;
    int inodesPerGroup = (int) Math.clamp(rounded, INODES_PER_BLOCK, MOST_INODES_PER_GROUP);
    Layout layout = new Layout(blocks, groups, inodesPerGroup);
    long last = (long) (groups - 1) * BLOCKS_PER_GROUP;
    boolean worthIt = blocks - last >= layout.metadataBlocks(groups - 1) + LEAST_DATA_BLOCKS;
    return groups == 1 || worthIt ? layout : new Layout(last, groups - 1, inodesPerGroup);
  }

  private static int groups(long blocks) {
    return Math.toIntExact((blocks + BLOCKS_PER_GROUP - 1) / BLOCKS_PER_GROUP);
  }

  long inodes() {
    return (long) groups * inodesPerGroup;
  }

  long firstBlock(int group) {
    return (long) group * BLOCKS_PER_GROUP;
  }

  /** The block behind a group's last one. */
  long endBlock(int group) {
    return Math.min(blocks, firstBlock(group + 1));
  }

  int descriptorBlocks() {
    int perBlock = BLOCK_BYTES / DESCRIPTOR_BYTES;
    return (groups + perBlock - 1) / perBlock;
  }

  int inodeTableBlocks() {
    return inodesPerGroup / INODES_PER_BLOCK;
  }

  /** Groups 0, 1 and the powers of 3, 5 and 7 hold a copy of the superblock. */
  static boolean hasSuperblock(int group) {
    return group <= 1 || isPower(group, 3) || isPower(group, 5) || isPower(group, 7);
  }

  private static boolean isPower(int number, int base) {
    int rest = number;
    while (rest % base == 0) {
      rest /= base;
    }
    return rest == 1;
  }

  private int superblockBlocks(int group) {
    return hasSuperblock(group) ? 1 + descriptorBlocks() : 0;
  }

  long blockBitmap(int group) {
    return firstBlock(group) + superblockBlocks(group);
  }

  long inodeBitmap(int group) {
    return blockBitmap(group) + 1;
  }

  long inodeTable(int group) {
    return blockBitmap(group) + BITMAP_BLOCKS;
  }

  int metadataBlocks(int group) {
    return superblockBlocks(group) + BITMAP_BLOCKS + inodeTableBlocks();
  }

  /** The first block of a group that can hold data. */
  long firstDataBlock(int group) {
    return firstBlock(group) + metadataBlocks(group);
  }

  /** Blocks that can hold data, in all groups. */
  long dataBlocks() {
    long sum = 0;
    for (int group = 0; group < groups; group++) {
      sum += Math.max(0, endBlock(group) - firstDataBlock(group));
    }
    return sum;
  }
}
