package dev.ringzero.images.ext4;

import dev.ringzero.images.ext4.BlockAllocator.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Says where the blocks of a file are: up to four runs in the inode itself, or as many blocks full
 * of runs.
 *
 * <p>Not modelled: trees of more than one level; four blocks of runs cover more than 160 GiB.
 *
 * @spec Linux Documentation/filesystems/ext4/ifork.rst, Extent Tree
 */
final class ExtentTree {
  static final int ROOT_BYTES = 60;
  private static final short MAGIC = (short) 0xF30A;
  private static final int HEADER_BYTES = 12;
  private static final int ENTRY_BYTES = 12;
  private static final int MOST_IN_ROOT = (ROOT_BYTES - HEADER_BYTES) / ENTRY_BYTES;
  private static final int MOST_IN_BLOCK = (Layout.BLOCK_BYTES - HEADER_BYTES) / ENTRY_BYTES;

  private final byte[] root = new byte[ROOT_BYTES];
  private final int leafBlocks;

  /** Writes the blocks of a tree that does not fit into an inode. */
  interface BlockWriter {
    void write(long block, ByteBuffer content) throws IOException;
  }

  ExtentTree(List<Run> runs, BlockAllocator allocator, BlockWriter writer) throws IOException {
    ByteBuffer top = ByteBuffer.wrap(root).order(ByteOrder.LITTLE_ENDIAN);
    if (runs.size() <= MOST_IN_ROOT) {
      leafBlocks = 0;
      putHeader(top, runs.size(), MOST_IN_ROOT, 0);
      putRuns(top, runs, 0);
      return;
    }
    leafBlocks = (runs.size() + MOST_IN_BLOCK - 1) / MOST_IN_BLOCK;
    if (leafBlocks > MOST_IN_ROOT) {
      throw new IOException("a file lies in too many pieces");
    }
    putHeader(top, leafBlocks, MOST_IN_ROOT, 1);
    long fileBlock = 0;
    for (int leaf = 0; leaf < leafBlocks; leaf++) {
      List<Run> part =
          runs.subList(leaf * MOST_IN_BLOCK, Math.min(runs.size(), (leaf + 1) * MOST_IN_BLOCK));
      long block = allocator.allocate(1).getFirst().firstBlock();
      top.putInt((int) fileBlock)
          .putInt((int) block)
          .putShort((short) (block >>> 32))
          .putShort((short) 0);
      ByteBuffer content = ByteBuffer.allocate(Layout.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      putHeader(content, part.size(), MOST_IN_BLOCK, 0);
      fileBlock = putRuns(content, part, fileBlock);
      writer.write(block, content.rewind());
    }
  }

  private static void putHeader(ByteBuffer to, int entries, int most, int depth) {
    to.putShort(MAGIC)
        .putShort((short) entries)
        .putShort((short) most)
        .putShort((short) depth)
        .putInt(0);
  }

  private static long putRuns(ByteBuffer to, List<Run> runs, long firstFileBlock) {
    long fileBlock = firstFileBlock;
    for (Run run : runs) {
      to.putInt((int) fileBlock)
          .putShort((short) run.blocks())
          .putShort((short) (run.firstBlock() >>> 32))
          .putInt((int) run.firstBlock());
      fileBlock += run.blocks();
    }
    return fileBlock;
  }

  byte[] root() {
    return root;
  }

  /** Blocks that the tree itself takes. */
  int leafBlocks() {
    return leafBlocks;
  }
}
