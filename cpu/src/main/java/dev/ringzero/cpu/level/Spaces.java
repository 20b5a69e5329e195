package dev.ringzero.cpu.level;

import dev.ringzero.cpu.paging.Mmu;
import dev.ringzero.cpu.paging.Space;

/**
 * Translations of inner guests that are kept while others run, by tag (VPID or ASID) and by the
 * root of the nested tables, or 0. The one unused for longest makes room.
 */
public final class Spaces {
  private static final int MOST = 32;

  private final Mmu mmu;
  private final Space[] spaces = new Space[MOST];
  private final long[] tags = new long[MOST];
  private final long[] roots = new long[MOST];
  private final long[] lastUsed = new long[MOST];
  private long uses;
  private int count;

  public Spaces(Mmu mmu) {
    this.mmu = mmu;
  }

  /** The space of a tag and a root; empty at first. */
  public Space of(long tag, long root) {
    int at = find(tag, root);
    lastUsed[at] = ++uses;
    return spaces[at];
  }

  private int find(long tag, long root) {
    int oldest = 0;
    for (int i = 0; i < count; i++) {
      if (tags[i] == tag && roots[i] == root) {
        return i;
      }
      oldest = lastUsed[i] < lastUsed[oldest] ? i : oldest;
    }
    int at = oldest;
    if (count < MOST) {
      at = count++;
      spaces[at] = mmu.newSpace();
    } else {
      mmu.flush(spaces[at]);
    }
    tags[at] = tag;
    roots[at] = root;
    return at;
  }

  /** Drops what is known under a tag. */
  public void flush(long tag) {
    for (int i = 0; i < count; i++) {
      if (tags[i] == tag) {
        mmu.flush(spaces[i]);
      }
    }
  }

  /** Drops what is known of nested tables. */
  public void flushRoot(long root) {
    for (int i = 0; i < count; i++) {
      if (roots[i] == root) {
        mmu.flush(spaces[i]);
      }
    }
  }

  /** Drops everything. */
  public void flushAll() {
    for (int i = 0; i < count; i++) {
      mmu.flush(spaces[i]);
    }
  }
}
