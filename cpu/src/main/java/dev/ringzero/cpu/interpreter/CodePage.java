package dev.ringzero.cpu.interpreter;

import java.util.ArrayList;
import java.util.List;

/**
 * The decoded blocks of one machine frame. When its bytes are written it is dropped as a whole and
 * another takes its place. Reading needs no lock.
 */
final class CodePage {
  private static final int FIRST_SIZE = 16;

  /** Of pages whose code only others keep. */
  private static final Block[] NONE = new Block[1];

  private static final int OFFSET_BITS = 12;
  private static final int SINGLE = 1 << OFFSET_BITS + 2;

  final long mfn;

  /** Open addressing by {@link #key}; never more than half full. */
  private volatile Block[] table = NONE;

  private int count;

  /** Blocks of the page before whose last instruction ends in this one. */
  private List<Block> reachingIn = List.of();

  private boolean dropped;

  CodePage(long mfn) {
    this.mfn = mfn;
  }

  /**
   * What tells the blocks of a page apart.
   *
   * @param codeSize mode in which it was decoded: 16, 32 or 64
   * @param single whether the block is one instruction only
   */
  static int key(int offset, int codeSize, boolean single) {
    return offset | codeSize >> 5 << OFFSET_BITS | (single ? SINGLE : 0);
  }

  static int offset(int key) {
    return key & (1 << OFFSET_BITS) - 1;
  }

  private static int slot(int key, int size) {
    return key * 0x9E37_79B1 >>> 16 & size - 1;
  }

  /** The block of this key, or null. */
  Block find(int key) {
    Block[] blocks = table;
    int slot = slot(key, blocks.length);
    Block block = blocks[slot];
    while (block != null && block.key != key) {
      slot = slot + 1 & blocks.length - 1;
      block = blocks[slot];
    }
    return block;
  }

  /**
   * Adds a block.
   *
   * @return false, if the page was dropped since the block was decoded
   */
  synchronized boolean add(Block block) {
    if (dropped) {
      return false;
    }
    if (2 * ++count > table.length) {
      grow();
    }
    insert(table, block);
    return true;
  }

  private void grow() {
    Block[] larger = new Block[Math.max(FIRST_SIZE, 2 * table.length)];
    for (Block block : table) {
      if (block != null) {
        insert(larger, block);
      }
    }
    table = larger;
  }

  private static void insert(Block[] blocks, Block block) {
    int slot = slot(block.key, blocks.length);
    while (blocks[slot] != null && blocks[slot].key != block.key) {
      slot = slot + 1 & blocks.length - 1;
    }
    blocks[slot] = block;
  }

  /**
   * Notes a block of another page that ends in this one.
   *
   * @return false, if the page was dropped since the block was decoded
   */
  synchronized boolean reachedBy(Block block) {
    if (!dropped) {
      if (reachingIn.isEmpty()) {
        reachingIn = new ArrayList<>();
      }
      reachingIn.removeIf(old -> old.page == block.page && old.key == block.key);
      reachingIn.add(block);
    }
    return !dropped;
  }

  /**
   * Ends all blocks, those that run included.
   *
   * @param beforeReuse runs once while nobody can add blocks
   */
  synchronized void drop(Runnable beforeReuse) {
    if (dropped) {
      return;
    }
    dropped = true;
    for (Block block : table) {
      if (block != null) {
        block.drop();
      }
    }
    reachingIn.forEach(Block::drop);
    beforeReuse.run();
  }
}
