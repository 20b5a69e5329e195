package dev.ringzero.cpu.translator;

import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Status flags that code in a page overwrites, whichever way it goes, before it reads them: where
 * translated code is left before such code, they may be any.
 */
final class DeadFlags {
  private static final int BRANCHES = 6;
  private static final int PAGE_BYTES = 4096;

  private final Decoder decoder = new Decoder();
  private final byte[] page;

  /**
   * @param page what the page holds
   */
  DeadFlags(byte[] page) {
    this.page = page;
  }

  int at(int offset) {
    return at(offset, BRANCHES);
  }

  private int at(long start, int branches) {
    int open = FlagLiveness.ALL;
    int dead = 0;
    long offset = start;
    while (open != 0 && offset >= 0 && offset < PAGE_BYTES) {
      Instruction i = new Instruction();
      int length = decoder.decode(page, (int) offset, PAGE_BYTES - (int) offset, 64, i);
      if (length <= 0) {
        return dead;
      }
      offset += length;
      open &= ~FlagLiveness.read(i);
      if (isConditional(i) && branches > 0) {
        return dead | open & at(offset, branches - 1) & at(offset + i.immediate, branches - 1);
      }
      if (i.form.is(Attribute.BRANCH)) {
        return dead;
      }
      int killed = open & FlagLiveness.killed(i);
      dead |= killed;
      open &= ~killed;
    }
    return dead;
  }

  private static boolean isConditional(Instruction i) {
    return switch (i.form.meaning) {
      case "JCC", "JRCXZ", "LOOP", "LOOPE", "LOOPNE" -> true;
      default -> false;
    };
  }
}
