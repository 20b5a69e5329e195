package dev.ringzero.cpu.interpreter;

/** Blocks of 64-bit code by RIP and {@link Context}. */
final class BlockCache {
  private final long[] contexts;
  private final long[] addresses;
  private final Block[] blocks;

  /** A cache of this many blocks, a power of two. */
  BlockCache(int slots) {
    contexts = new long[slots];
    addresses = new long[slots];
    blocks = new Block[slots];
  }

  /** The block at this address, or null if it is not known. */
  Block find(long rip, long context) {
    int slot = slot(rip);
    if (addresses[slot] != rip || contexts[slot] != context) {
      return null;
    }
    Block block = blocks[slot];
    return block.dropped() ? null : block;
  }

  void put(long rip, long context, Block block) {
    int slot = slot(rip);
    addresses[slot] = rip;
    contexts[slot] = context;
    blocks[slot] = block;
  }

  private int slot(long rip) {
    return (int) (rip ^ rip >>> 12) & blocks.length - 1;
  }
}
