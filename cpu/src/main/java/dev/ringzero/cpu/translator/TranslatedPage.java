package dev.ringzero.cpu.translator;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * The translations of one machine frame in one mode, by offset in the page. A block has three
 * entries. Two are for jumps from the same page: the direct one, with status flags in the host's
 * RFLAGS, and the saved one, with flags in the state block. The indirect one is for all else: flags
 * in the state block, and the block's address in R14.
 */
final class TranslatedPage {
  static final int NONE = 0;

  private static final int FIELDS = 4;
  private static final int FIRST_SIZE = 16;
  private static final int MOST_ENTERED = 1024;

  final long mfn;
  final TranslationMode mode;

  /** Number by which jump sites name the page. */
  final int number;

  /** Open addressing, at most half full: offset, direct, saved, indirect entry. */
  private int[] table = new int[FIELDS * FIRST_SIZE];

  private int count;

  /** Linear addresses under which blocks were entered from elsewhere. */
  private long[] entered = new long[4];

  private int enteredCount;

  TranslatedPage(long mfn, TranslationMode mode, int number) {
    this.mfn = mfn;
    this.mode = mode;
    this.number = number;
  }

  void add(int offset, int directEntry, int savedEntry, int indirectEntry) {
    if (2 * ++count > table.length / FIELDS) {
      grow();
    }
    put(table, offset, directEntry, savedEntry, indirectEntry);
  }

  private void grow() {
    int[] larger = new int[2 * table.length];
    for (int at = 0; at < table.length; at += FIELDS) {
      if (table[at + 3] != NONE) {
        put(larger, table[at], table[at + 1], table[at + 2], table[at + 3]);
      }
    }
    table = larger;
  }

  private static void put(int[] table, int offset, int direct, int saved, int indirect) {
    int at = slot(table, offset);
    table[at] = offset;
    table[at + 1] = direct;
    table[at + 2] = saved;
    table[at + 3] = indirect;
  }

  /** Where an offset is, or would be. */
  private static int slot(int[] table, int offset) {
    int mask = table.length / FIELDS - 1;
    int slot = offset * 0x9E37_79B1 >>> 16 & mask;
    while (table[FIELDS * slot + 3] != NONE && table[FIELDS * slot] != offset) {
      slot = slot + 1 & mask;
    }
    return FIELDS * slot;
  }

  /** Position of the entry for jumps within the page, or {@link #NONE}. */
  int inner(int offset, boolean flagsSaved) {
    return table[slot(table, offset) + (flagsSaved ? 2 : 1)];
  }

  /** Position of the entry for jumps from elsewhere, or {@link #NONE}. */
  int indirect(int offset) {
    return table[slot(table, offset) + 3];
  }

  /** Whether jumps within the page may go to this position. */
  boolean isEntry(int position) {
    for (int at = 0; at < table.length; at += FIELDS) {
      if (table[at + 3] != NONE && (table[at + 1] == position || table[at + 2] == position)) {
        return true;
      }
    }
    return false;
  }

  /** Notes that the jump cache leads from this linear address to a block of the page. */
  void entered(long linear) {
    if (enteredCount == MOST_ENTERED) {
      return;
    }
    if (enteredCount == entered.length) {
      entered = Arrays.copyOf(entered, 2 * enteredCount);
    }
    entered[enteredCount++] = linear;
  }

  /**
   * Names the addresses that were noted.
   *
   * @return false, with none named, if there were more than are kept
   */
  boolean forEachEntered(LongConsumer action) {
    if (enteredCount == MOST_ENTERED) {
      return false;
    }
    for (int n = 0; n < enteredCount; n++) {
      action.accept(entered[n]);
    }
    return true;
  }
}
