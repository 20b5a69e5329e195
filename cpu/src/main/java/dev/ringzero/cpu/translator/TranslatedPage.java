package dev.ringzero.cpu.translator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * The translations of the content of a page in one mode, by offset in the page. A block has three
 * entries. Those for jumps from the same page are the direct one, with status flags in the host's
 * RFLAGS, and the saved one, with flags in the state block; each of them in two forms: jumps
 * backward go to the one that polls, so that no loop goes without. The indirect entry is for all
 * else: flags in the state block, and the block's address in R14.
 */
final class TranslatedPage implements IntPredicate {
  static final int NONE = 0;

  private static final int FIELDS = 6;
  private static final int INDIRECT = 5;
  private static final int FIRST_SIZE = 16;

  final PageContent content;
  final TranslationMode mode;

  /** Number by which jump sites name the page. */
  final int number;

  /**
   * Open addressing, at most half full: offset, direct and saved entries with and without poll,
   * indirect.
   */
  private int[] table = new int[FIELDS * FIRST_SIZE];

  private int count;

  /** Positions to which jumps within the page may go, in order. */
  private int[] entries = new int[8];

  private int entryCount;

  /** Instructions that cross the page's end: offset, page they end in, indirect entry. */
  private final List<Crossing> crossings = new ArrayList<>(0);

  /** Sites of jumps from other pages that are linked to blocks of this one. */
  private int[] linked = new int[4];

  private int linkedCount;

  /** How many {@link CodeFrame}s lead here. */
  int users;

  private record Crossing(int offset, TranslatedPage behind, int entry) {}

  TranslatedPage(PageContent content, TranslationMode mode, int number) {
    this.content = content;
    this.mode = mode;
    this.number = number;
  }

  /** Enters a block; of direct and saved entries the one that polls comes first. */
  void add(int offset, int direct, int directForward, int saved, int savedForward, int indirect) {
    if (2 * ++count > table.length / FIELDS) {
      grow();
    }
    int at = slot(table, offset);
    table[at] = offset;
    table[at + 1] = direct;
    table[at + 2] = directForward;
    table[at + 3] = saved;
    table[at + 4] = savedForward;
    table[at + INDIRECT] = indirect;
    addEntry(saved);
    addEntry(direct);
    addEntry(Math.max(directForward, savedForward));
  }

  private void grow() {
    int[] larger = new int[2 * table.length];
    for (int at = 0; at < table.length; at += FIELDS) {
      if (table[at + INDIRECT] != NONE) {
        System.arraycopy(table, at, larger, slot(larger, table[at]), FIELDS);
      }
    }
    table = larger;
  }

  /** Where an offset is, or would be. */
  private static int slot(int[] table, int offset) {
    int mask = table.length / FIELDS - 1;
    int slot = offset * 0x9E37_79B1 >>> 16 & mask;
    while (table[FIELDS * slot + INDIRECT] != NONE && table[FIELDS * slot] != offset) {
      slot = slot + 1 & mask;
    }
    return FIELDS * slot;
  }

  /** Position of the entry for jumps within the page, or {@link #NONE}. */
  int inner(int offset, boolean flagsSaved, boolean backward) {
    return table[slot(table, offset) + (flagsSaved ? 3 : 1) + (backward ? 0 : 1)];
  }

  /** Position of the entry for jumps from elsewhere, or {@link #NONE}. */
  int indirect(int offset) {
    return table[slot(table, offset) + INDIRECT];
  }

  /** Enters the block of an instruction that ends in another page. */
  void addCrossing(int offset, TranslatedPage behind, int entry) {
    crossings.removeIf(c -> c.offset == offset);
    crossings.add(new Crossing(offset, behind, entry));
  }

  /** Position of the block of an instruction that ends in that page, or {@link #NONE}. */
  int crossing(int offset, TranslatedPage behind) {
    for (Crossing crossing : crossings) {
      if (crossing.offset == offset && crossing.behind == behind) {
        return crossing.entry;
      }
    }
    return NONE;
  }

  private void addEntry(int position) {
    int at = Arrays.binarySearch(entries, 0, entryCount, position);
    if (at >= 0) {
      return;
    }
    if (entryCount == entries.length) {
      entries = Arrays.copyOf(entries, 2 * entryCount);
    }
    int place = -at - 1;
    System.arraycopy(entries, place, entries, place + 1, entryCount - place);
    entries[place] = position;
    entryCount++;
  }

  /** Whether jumps within the page may go to this position. */
  @Override
  public boolean test(int position) {
    return Arrays.binarySearch(entries, 0, entryCount, position) >= 0;
  }

  /** Notes a site whose jump is linked to a block of the page. */
  void linked(int site) {
    if (linkedCount == linked.length) {
      linked = Arrays.copyOf(linked, 2 * linkedCount);
    }
    linked[linkedCount++] = site;
  }

  void forEachLinked(IntConsumer action) {
    for (int n = 0; n < linkedCount; n++) {
      action.accept(linked[n]);
    }
  }
}
