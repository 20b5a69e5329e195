package dev.ringzero.cpu.translator;

import dev.ringzero.engine.TranslatedBlock;
import dev.ringzero.engine.TranslatedBlock.HostInstruction;
import dev.ringzero.engine.TranslatedBlock.Part;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Disassembler;
import dev.ringzero.x86.instruction.Instruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Where the host code of each guest instruction lies, for people who look. A record is page number,
 * first position, number of instructions, position behind the body, behind the block, and for each
 * instruction its offset in the page and position.
 */
final class BlockRecords {
  private static final int PAGE = 0, START = 1, COUNT = 2, BODY_END = 3, END = 4, FIXED = 5;

  private int[] records = new int[1 << 12];
  private int used;

  /** Adds a block; the arrays hold {@code count} instructions. */
  void add(int page, int start, int bodyEnd, int end, int count, int[] offsets, int[] positions) {
    int needed = used + FIXED + 2 * count;
    if (needed > records.length) {
      records = Arrays.copyOf(records, Math.max(needed, 2 * records.length));
    }
    records[used + PAGE] = page;
    records[used + START] = start;
    records[used + COUNT] = count;
    records[used + BODY_END] = bodyEnd;
    records[used + END] = end;
    System.arraycopy(offsets, 0, records, used + FIXED, count);
    System.arraycopy(positions, 0, records, used + FIXED + count, count);
    used = needed;
  }

  /** Ints in use, for {@link #since}. */
  int used() {
    return used;
  }

  /** What was added since so many ints were in use. */
  int[] since(int before) {
    return Arrays.copyOfRange(records, before, used);
  }

  /** Adds a block whose record is known for the position 0. */
  void append(int page, int[] record, int position) {
    if (used + record.length > records.length) {
      records = Arrays.copyOf(records, Math.max(used + record.length, 2 * records.length));
    }
    System.arraycopy(record, 0, records, used, record.length);
    records[used + PAGE] = page;
    shift(records, used, position);
    used += record.length;
  }

  /** Adds a number to all positions of the record at a place. */
  static void shift(int[] records, int at, int by) {
    records[at + START] += by;
    records[at + BODY_END] += by;
    records[at + END] += by;
    int count = records[at + COUNT];
    for (int k = 0; k < count; k++) {
      records[at + FIXED + count + k] += by;
    }
  }

  /**
   * The blocks of a page that hold the instruction at an offset.
   *
   * @param base linear address of the page
   * @param guest what the page holds
   * @param host a byte of the code memory
   */
  List<TranslatedBlock> find(
      TranslatedPage page, int offset, long base, byte[] guest, IntUnaryOperator host) {
    List<TranslatedBlock> found = new ArrayList<>();
    for (int at = 0; at < used; at += FIXED + 2 * records[at + COUNT]) {
      if (records[at + PAGE] == page.number && holds(at, offset)) {
        found.add(
            new TranslatedBlock(page.mode.description(), parts(at, page.mode, base, guest, host)));
      }
    }
    return found;
  }

  /** The guest instruction, as an offset in its page, whose code is at a position; -1 if none. */
  int instructionAt(int position) {
    for (int at = 0; at < used; at += FIXED + 2 * records[at + COUNT]) {
      if (position >= records[at + START] && position < records[at + END]) {
        int count = records[at + COUNT];
        int k = count - 1;
        while (k > 0 && records[at + FIXED + count + k] > position) {
          k--;
        }
        return count == 0 ? -1 : records[at + FIXED + k];
      }
    }
    return -1;
  }

  private boolean holds(int at, int offset) {
    for (int k = 0; k < records[at + COUNT]; k++) {
      if (records[at + FIXED + k] == offset) {
        return true;
      }
    }
    return false;
  }

  private List<Part> parts(
      int at, TranslationMode mode, long base, byte[] guest, IntUnaryOperator host) {
    int count = records[at + COUNT];
    int firstPosition = at + FIXED + count;
    long first = base + records[at + FIXED];
    List<Part> parts = new ArrayList<>();
    parts.add(part(first, "(entry)", records[at + START], records[firstPosition], host));
    for (int k = 0; k < count; k++) {
      int offset = records[at + FIXED + k];
      int end = k + 1 < count ? records[firstPosition + k + 1] : records[at + BODY_END];
      String text = text(guest, offset, mode.codeSize(), base + offset);
      parts.add(part(base + offset, text, records[firstPosition + k], end, host));
    }
    parts.add(part(first, "(out of line)", records[at + BODY_END], records[at + END], host));
    return parts;
  }

  private static Part part(long gva, String guest, int from, int to, IntUnaryOperator host) {
    byte[] bytes = new byte[to - from];
    for (int n = 0; n < bytes.length; n++) {
      bytes[n] = (byte) host.applyAsInt(from + n);
    }
    List<HostInstruction> instructions = new ArrayList<>();
    int at = 0;
    while (at < bytes.length) {
      Instruction i = new Instruction();
      int length = new Decoder().decode(bytes, at, bytes.length - at, 64, i);
      String text = length > 0 ? Disassembler.format(i, from + at) : "(bad)";
      instructions.add(new HostInstruction(from + at, text));
      at += Math.max(length, 1);
    }
    return new Part(gva, guest, instructions);
  }

  private static String text(byte[] bytes, int at, int codeSize, long address) {
    Instruction i = new Instruction();
    int length = new Decoder().decode(bytes, at, bytes.length - at, codeSize, i);
    return length > 0 ? Disassembler.format(i, address) : "(crosses the page's end, or is none)";
  }
}
