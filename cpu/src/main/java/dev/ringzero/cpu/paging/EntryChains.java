package dev.ringzero.cpu.paging;

/**
 * Finds the entries of a table that concern a frame or a page, by its number, without a search: an
 * entry is in at most one chain, those of numbers with the same low bits. Who follows a chain
 * compares numbers; an entry may stay in its chain after it has become void.
 */
public final class EntryChains {
  /** The end of a chain. */
  public static final int NONE = -1;

  private static final int UNLINKED = 0;
  private static final int FIRST = -1; // of its chain

  private static final int[] EMPTY = new int[1];

  private final int entries;

  // Nothing is kept until an entry is linked. Entries are named by their number plus one.
  private int[] heads;
  private int[] next;
  private int[] previous;

  /** The chain of each entry that is in one. */
  private int[] chains;

  /**
   * @param entries how many the table has, a power of two
   */
  public EntryChains(int entries) {
    this.entries = entries;
    clear();
  }

  /** Takes all entries out. */
  public void clear() {
    heads = EMPTY;
    next = EMPTY;
    previous = EMPTY;
    chains = EMPTY;
  }

  private void begin() {
    heads = new int[entries];
    next = new int[entries];
    previous = new int[entries];
    chains = new int[entries];
  }

  private int chain(long number) {
    return (int) number & heads.length - 1;
  }

  /** The first entry that may be of a number, or {@link #NONE}. */
  public int first(long number) {
    return heads[chain(number)] - 1;
  }

  /** The entry behind another, or {@link #NONE}. */
  public int next(int entry) {
    return next[entry] - 1;
  }

  public boolean isLinked(int entry) {
    return heads != EMPTY && previous[entry] != UNLINKED;
  }

  /** Puts an entry into the chain of a number, and no other. */
  public void link(int entry, long number) {
    if (heads == EMPTY) {
      begin();
    }
    unlink(entry);
    int chain = chain(number);
    int behind = heads[chain];
    chains[entry] = chain;
    next[entry] = behind;
    previous[entry] = FIRST;
    if (behind != 0) {
      previous[behind - 1] = entry + 1;
    }
    heads[chain] = entry + 1;
  }

  /** Takes an entry out of its chain; {@link #next} of it stays. */
  public void unlink(int entry) {
    if (!isLinked(entry)) {
      return;
    }
    int before = previous[entry];
    int behind = next[entry];
    if (before == FIRST) {
      heads[chains[entry]] = behind;
    } else {
      next[before - 1] = behind;
    }
    if (behind != 0) {
      previous[behind - 1] = before;
    }
    previous[entry] = UNLINKED;
  }
}
