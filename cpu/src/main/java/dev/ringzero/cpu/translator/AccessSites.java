package dev.ringzero.cpu.translator;

import java.util.Arrays;

/**
 * What Java must know of a place where translated code may leave: for a memory access, where its
 * check begins, which instruction it belongs to and how many bytes it takes; for a jump, what to
 * patch and where it goes.
 */
final class AccessSites {
  /**
   * Beside the size of an access that only reads, but whose page goes on to be written unchecked:
   * if it cannot be, the interpreter must run the instruction.
   */
  static final int UNLESS_WRITABLE = 1 << 16;

  static final int FIELDS = 4;

  /** Read by threads that run code whose sites were entered before. */
  private volatile int[] fields = new int[FIELDS * 4096];

  private int count;

  /**
   * A checked access of the instruction at {@code ripOffset} in its page.
   *
   * @param uncounted instructions that were counted and do not run if this one leaves
   */
  int access(int ripOffset, int sizeBytes, int uncounted) {
    return add(0, ripOffset, sizeBytes, uncounted);
  }

  /** A jump within a page whose rel32 is at {@code patchAt}. */
  int chain(int patchAt, int targetOffset, boolean flagsSaved, boolean backward, int page) {
    return add(patchAt, targetOffset, (flagsSaved ? 1 : 0) | (backward ? 2 : 0), page);
  }

  /** A jump to another page: its rel32, and that of what it does where it is not linked. */
  int crossing(int patchAt, int targetOffset, boolean backward, int elsewhere) {
    return add(patchAt, targetOffset, 1 | (backward ? 2 : 0), elsewhere);
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** One field of a site as it is, for {@link #append}. */
  int field(int site, int number) {
    return fields[site * FIELDS + number];
  }

  /** Adds a site whose fields are known. */
  int append(int a, int b, int c, int d) {
    return add(a, b, c, d);
  }

  private int add(int a, int b, int c, int d) {
    if (count * FIELDS == fields.length) {
      fields = Arrays.copyOf(fields, fields.length * 2);
    }
    int at = count * FIELDS;
    fields[at] = a;
    fields[at + 1] = b;
    fields[at + 2] = c;
    fields[at + 3] = d;
    return count++;
  }

  /** Sets how many instructions were counted but do not run if this one does not. */
  void uncounted(int site, int instructions) {
    fields[site * FIELDS + 3] = instructions;
  }

  /** Sets where an access goes on after its miss was mended. */
  void position(int site, int resume) {
    fields[site * FIELDS] = resume;
  }

  /** Position at which an access goes on, or of a jump's rel32. */
  int position(int site) {
    return fields[site * FIELDS];
  }

  /** Offset in its page of the instruction, or of a jump's target. */
  int ripOffset(int site) {
    return fields[site * FIELDS + 1];
  }

  int sizeBytes(int site) {
    return fields[site * FIELDS + 2] & ~UNLESS_WRITABLE;
  }

  /** Whether a miss of the right to write is not to be mended. */
  boolean onlyReads(int site) {
    return (fields[site * FIELDS + 2] & UNLESS_WRITABLE) != 0;
  }

  /** Whether a jump comes with its flags in the state block. */
  boolean flagsSaved(int site) {
    return (fields[site * FIELDS + 2] & 1) != 0;
  }

  /** Whether a jump goes back or to itself. */
  boolean backward(int site) {
    return (fields[site * FIELDS + 2] & 2) != 0;
  }

  /** Instructions that were counted and do not run if that of an access leaves. */
  int uncounted(int site) {
    return fields[site * FIELDS + 3];
  }

  /** Sets the number of the translated page that a jump belongs to. */
  void page(int site, int number) {
    fields[site * FIELDS + 3] = number;
  }

  /** Number of the translated page that a jump belongs to. */
  int page(int site) {
    return fields[site * FIELDS + 3];
  }

  /** Position of the second rel32 of a jump to another page. */
  int elsewhere(int site) {
    return fields[site * FIELDS + 3];
  }
}
