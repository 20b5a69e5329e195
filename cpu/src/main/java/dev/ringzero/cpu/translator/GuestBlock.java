package dev.ringzero.cpu.translator;

import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;
import java.util.Arrays;

/**
 * The guest's side of a block: the instructions along the straight path from an offset in a page,
 * past conditional jumps that are not taken, to the first one that always leaves it; and which
 * status flags are wanted between them.
 */
final class GuestBlock {
  static final int MAX_INSTRUCTIONS = 64;
  static final int PAGE_BYTES = 4096;

  private static final int LOOK_AHEAD = 8;

  private final Ordinary ordinary;
  private final Decoder decoder = new Decoder();
  private final Instruction ahead = new Instruction();
  private final Instruction[] instructions = new Instruction[MAX_INSTRUCTIONS];

  /** Offset of each instruction in the page, and of the one behind the last. */
  final int[] offsets = new int[MAX_INSTRUCTIONS + 1];

  final FlagLiveness liveness = new FlagLiveness();

  TranslatedPage page;
  byte[] bytes;
  int count;

  /** The page in which the only instruction of the block ends, or null. */
  TranslatedPage crossing;

  /** The instruction behind the last crosses the page's end. */
  boolean endsInNextPage;

  /** Who is told which bytes decide what is emitted, or null. */
  private Watcher watcher;

  /** Is told of bytes of a page that decide what a block's code is. */
  @FunctionalInterface
  interface Watcher {
    /** An instruction was read; null where there is none that is valid and within the page. */
    void read(int offset, int length, Instruction instruction);
  }

  void watcher(Watcher told) {
    watcher = told;
  }

  private int decodeAt(int offset, Instruction into) {
    int length = decoder.decode(bytes, offset, PAGE_BYTES - offset, codeSize(), into);
    if (watcher != null) {
      boolean valid = length > 0;
      int most = Math.min(Decoder.MAX_LENGTH, PAGE_BYTES - offset);
      watcher.read(offset, valid ? length : most, valid ? into : null);
    }
    return length;
  }

  GuestBlock(Ordinary ordinary) {
    this.ordinary = ordinary;
    Arrays.setAll(instructions, i -> new Instruction());
  }

  /** Reads the block at an offset. */
  void read(TranslatedPage ofPage, byte[] pageBytes, int start) {
    page = ofPage;
    bytes = pageBytes;
    crossing = null;
    decode(start);
    analyzeFlags();
  }

  /** Reads an instruction that crosses the page's end, as a block of its own. */
  void readCrossing(TranslatedPage ofPage, byte[] bothPages, int offset, TranslatedPage behind) {
    page = ofPage;
    bytes = bothPages;
    crossing = behind;
    endsInNextPage = false;
    count = 0;
    offsets[0] = offset;
    int length = decoder.decode(bytes, offset, Decoder.MAX_LENGTH, codeSize(), instructions[0]);
    if (length > 0) {
      count = 1;
      offsets[1] = offset + length;
    }
    analyzeFlags();
  }

  Instruction instruction(int k) {
    return instructions[k];
  }

  Ordinary.Kind kind(int k) {
    return ordinary.kind(instructions[k].form);
  }

  /** Offset behind the last instruction. */
  int end() {
    return offsets[count];
  }

  View view() {
    return page.mode.view();
  }

  /** 32 or 64, as the code's. */
  int codeSize() {
    return page.mode.codeSize();
  }

  boolean narrow() {
    return page.mode.narrow();
  }

  boolean user() {
    return page.mode.view() == View.USER;
  }

  boolean usesVectors() {
    for (int k = 0; k < count; k++) {
      switch (kind(k)) {
        case VECTOR, LOAD_MXCSR, STORE_MXCSR -> {
          return true;
        }
        default -> {}
      }
    }
    return false;
  }

  private void decode(int start) {
    count = 0;
    endsInNextPage = false;
    int offset = start;
    offsets[0] = start;
    while (count < MAX_INSTRUCTIONS) {
      offsets[count] = offset;
      Instruction i = instructions[count];
      int length = decodeAt(offset, i);
      if (length <= 0) {
        endsInNextPage = length == Decoder.NEEDS_MORE;
        return;
      }
      count++;
      offset += length;
      offsets[count] = offset;
      if (endsAt(i) || offset >= PAGE_BYTES) {
        return;
      }
    }
  }

  /** Whether nothing of the block comes behind this instruction. */
  boolean endsAt(Instruction i) {
    return switch (ordinary.kind(i.form)) {
      case SPECIAL, CALL, RET, JMP, SYSCALL, SYSRET, STAC, CLAC, SERIALIZE -> true;
      case VECTOR, LOAD_MXCSR, STORE_MXCSR -> !page.mode.vectors();
      default -> false;
    };
  }

  /** Whether it goes elsewhere or on. */
  boolean isConditional(Instruction i) {
    Ordinary.Kind kind = ordinary.kind(i.form);
    return kind == Ordinary.Kind.JCC || kind == Ordinary.Kind.LOOP;
  }

  private void analyzeFlags() {
    int host = 0;
    int exit = FlagLiveness.ALL;
    if (count > 0) {
      Instruction last = instructions[count - 1];
      if (kind(count - 1) == Ordinary.Kind.JMP && !last.hasMemory() && isRelative(last)) {
        host = wantedAt(offsets[count] + last.immediate);
      }
    }
    liveness.end(count, host, exit);
    for (int k = count - 1; k >= 0; k--) {
      Instruction i = instructions[k];
      boolean conditional = isConditional(i);
      long target = offsets[k + 1] + i.immediate;
      boolean leaves = conditional && !isInPage(target);
      liveness.before(k, i, conditional ? wantedAt(target) : 0, leaves ? FlagLiveness.ALL : 0);
      switch (kind(k)) {
        case SPECIAL, SYSCALL, SYSRET, STAC, CLAC -> liveness.end(k, 0, FlagLiveness.ALL);
        default -> {}
      }
    }
  }

  static boolean isInPage(long offset) {
    return offset >= 0 && offset < PAGE_BYTES;
  }

  static boolean isRelative(Instruction i) {
    return i.form.operands[0].place() == Operand.Place.RELATIVE;
  }

  /** Flags that code at this offset of the page wants to find in the host's RFLAGS. */
  private int wantedAt(long target) {
    if (!isInPage(target)) {
      return 0; // leaves the page: the flags travel in the state block
    }
    int offset = (int) target;
    int open = FlagLiveness.ALL;
    int wanted = 0;
    for (int n = 0; n < LOOK_AHEAD && open != 0; n++) {
      int length = decodeAt(offset, ahead);
      if (length <= 0 || endsAt(ahead) || isConditional(ahead)) {
        return FlagLiveness.ALL;
      }
      wanted |= FlagLiveness.read(ahead) & open;
      open &= ~FlagLiveness.killed(ahead);
      offset += length;
    }
    return wanted | open;
  }
}
