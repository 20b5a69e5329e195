package dev.ringzero.cpu.interpreter;

/** Blocks of 64-bit code by RIP and {@link Context}. */
final class BlockCache {
  private static final int SLOTS = 4096;

  private final long[] contexts = new long[SLOTS];
  private final long[] addresses = new long[SLOTS];
  private final Block[] blocks = new Block[SLOTS];

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

  private static int slot(long rip) {
    return (int) (rip ^ rip >>> 12) & SLOTS - 1;
  }
}
