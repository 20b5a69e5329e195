package dev.ringzero.cpu.translator;

import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/**
 * A translated block as it is kept in a file: with the guest's bytes that decided what it is, and a
 * list of the places in both that differ with where the guest's kernel and the code lie.
 *
 * @param mode number of the {@link TranslationMode}
 * @param linear address of the guest's page
 * @param offset of the block in it
 * @param ranges offset and length of each piece of the page that decided what was emitted
 * @param guest the bytes of these pieces
 * @param moving dwords of {@code guest} that move with the kernel: place, and {@link #AGAINST}
 * @param host the code, as if it lay at position 0 and its sites were numbered from 0
 * @param shifts dwords of {@code host} that differ: place, and which {@link Shift}
 * @param entries positions of direct, saved (with and without poll) and indirect entry
 * @param guestBytes length of the block in the guest
 * @param sites fields of its {@link AccessSites}
 * @param siteShifts which of these fields are positions, and which are the page's number
 * @param record its {@link BlockRecords}
 */
record ArchivedBlock(
    int mode,
    long linear,
    int offset,
    int[] ranges,
    byte[] guest,
    int[] moving,
    byte[] host,
    int[] shifts,
    int[] entries,
    int guestBytes,
    int[] sites,
    int[] siteShifts,
    int[] record) {
  static final int ENTRIES = 5;
  private static final int INDIRECT = 4;

  /** In the low bit of a moving dword: it becomes less when the kernel lies higher. */
  static final int AGAINST = 1;

  /** In the low bit of a site's shift: the field is the number of the page, not a position. */
  static final int PAGE_NUMBER = 1;

  /** By what a dword of the host code differs. */
  enum Shift {
    /** The kernel's address. */
    KERNEL,
    /** The same, the other way round: an address relative to the kernel's code. */
    AGAINST_KERNEL,
    /** The block's position: relative to what lies at a fixed one. */
    POSITION,
    /** Number of the first site. */
    SITE;

    static final Shift[] ALL = values();
    static final int BITS = 2;
  }

  private static final int MOST = 1 << 17;
  private static final byte[] NOTHING = {};
  private static final int[] NO_SHIFTS = {};

  /** Writes all of it. */
  void write(ByteBuffer out) {
    out.putLong(linear).putInt(mode).putInt(offset).putInt(guestBytes);
    for (byte[] bytes : new byte[][] {guest, host}) {
      out.putInt(bytes.length).put(bytes);
    }
    for (int[] ints : new int[][] {ranges, moving, shifts, entries, sites, siteShifts, record}) {
      out.putInt(ints.length);
      for (int value : ints) {
        out.putInt(value);
      }
    }
  }

  /** Reads what {@link #write} wrote. */
  static ArchivedBlock read(ByteBuffer in) {
    long linear = in.getLong();
    int mode = in.getInt();
    int offset = in.getInt();
    int guestBytes = in.getInt();
    byte[] guest = bytes(in);
    byte[] host = bytes(in);
    int[] ranges = ints(in);
    int[] moving = ints(in);
    int[] shifts = ints(in);
    int[] entries = ints(in);
    int[] sites = ints(in);
    int[] siteShifts = ints(in);
    return new ArchivedBlock(
        mode,
        linear,
        offset,
        ranges,
        guest,
        moving,
        host,
        shifts,
        entries,
        guestBytes,
        sites,
        siteShifts,
        ints(in));
  }

  private static byte[] bytes(ByteBuffer in) {
    byte[] bytes = new byte[length(in)];
    in.get(bytes);
    return bytes;
  }

  private static int[] ints(ByteBuffer in) {
    int[] ints = new int[length(in)];
    in.asIntBuffer().get(ints);
    in.position(in.position() + 4 * ints.length);
    return ints;
  }

  private static int length(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > MOST) {
      throw new IndexOutOfBoundsException(length);
    }
    return length;
  }

  /**
   * Whether the code is right for a page that holds these bytes, at an address that is so much
   * higher.
   */
  boolean fits(byte[] page, int higher) {
    byte[] expected = guest.clone();
    for (int place : moving) {
      add(expected, place >> 1, (place & AGAINST) != 0 ? -higher : higher);
    }
    int at = 0;
    for (int n = 0; n < ranges.length; n += 2) {
      for (int k = ranges[n]; k < ranges[n] + ranges[n + 1]; k++) {
        if (page[k] != expected[at++]) {
          return false;
        }
      }
    }
    return at == expected.length;
  }

  /**
   * The code for a position, a number of its first site and a kernel that is so much higher. It is
   * in {@link #host} then, so that this can be asked for once.
   */
  byte[] codeAt(int position, int firstSite, int higher) {
    byte[] code = host;
    for (int shift : shifts) {
      int by =
          switch (Shift.ALL[shift & (1 << Shift.BITS) - 1]) {
            case KERNEL -> higher;
            case AGAINST_KERNEL -> -higher;
            case POSITION -> -position;
            case SITE -> firstSite;
          };
      add(code, shift >> Shift.BITS, by);
    }
    return code;
  }

  /** Enters its sites, but for the page they are in, for a position of the block. */
  void enterSites(AccessSites into, int position) {
    int[] fields = sites.clone();
    for (int shift : siteShifts) {
      fields[shift >> 1] += (shift & PAGE_NUMBER) != 0 ? 0 : position;
    }
    for (int at = 0; at < fields.length; at += AccessSites.FIELDS) {
      into.append(fields[at], fields[at + 1], fields[at + 2], fields[at + 3]);
    }
  }

  /** Names the sites of jumps within the page. */
  void forEachJump(IntConsumer action) {
    for (int shift : siteShifts) {
      if ((shift & PAGE_NUMBER) != 0) {
        action.accept((shift >> 1) / AccessSites.FIELDS);
      }
    }
  }

  /** The same block without what is needed for its code only. */
  ArchivedBlock withoutCode() {
    return new ArchivedBlock(
        mode,
        linear,
        offset,
        ranges,
        guest,
        moving,
        NOTHING,
        NO_SHIFTS,
        entries,
        guestBytes,
        sites,
        siteShifts,
        record);
  }

  /** Whether jumps within the page may go to this place of the block. */
  boolean isEntry(int place) {
    for (int n = 0; n < INDIRECT; n++) {
      if (entries[n] == place) {
        return true;
      }
    }
    return false;
  }

  /** Enters the block into a page, for its position. */
  void enter(TranslatedPage page, int position) {
    page.add(
        offset,
        position + entries[0],
        position + entries[1],
        position + entries[2],
        position + entries[3],
        position + entries[INDIRECT]);
  }

  private static void add(byte[] bytes, int at, int value) {
    set(bytes, at, get(bytes, at) + value);
  }

  static int get(byte[] bytes, int at) {
    return (int) Assembler.INT.get(bytes, at);
  }

  private static void set(byte[] bytes, int at, int value) {
    Assembler.INT.set(bytes, at, value);
  }
}
