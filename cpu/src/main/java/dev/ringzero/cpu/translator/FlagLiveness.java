package dev.ringzero.cpu.translator;

import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.InstructionForm;

/**
 * Which status flags are still wanted before each instruction of a block, worked out from its end.
 * "Host" flags are read by an instruction of this or the next block while they are in the host's
 * RFLAGS; "exit" flags must only have reached the state block when translated code is left.
 */
final class FlagLiveness {
  private final int[] host = new int[BlockTranslator.MAX_INSTRUCTIONS + 1];
  private final int[] exit = new int[BlockTranslator.MAX_INSTRUCTIONS + 1];

  /** What is wanted after the last of {@code count} instructions. */
  void end(int count, int hostFlags, int exitFlags) {
    host[count] = hostFlags;
    exit[count] = exitFlags;
  }

  /**
   * Steps back over an instruction.
   *
   * @param sideExitFlags host flags wanted where a conditional jump goes, or 0
   */
  void before(int index, InstructionForm form, int sideExitFlags) {
    int written = written(form);
    int keptForExit = exit[index + 1] & ~written;
    int wanted = host[index + 1] & ~written | (int) form.flagsRead & ALL | sideExitFlags;
    if (written != 0) {
      wanted |= keptForExit; // a partial write needs the rest in the host's RFLAGS
    }
    host[index] = wanted;
    exit[index] = keptForExit;
  }

  /** Status flags that are not after an instruction what they were before it. */
  static int written(InstructionForm form) {
    return (int) (form.flagsWritten | form.flagsUndefined) & ALL;
  }

  boolean hostFlagsBefore(int index) {
    return host[index] != 0;
  }

  boolean exitFlagsBefore(int index) {
    return exit[index] != 0;
  }

  /** All status flags. */
  static final int ALL = (int) Rflags.STATUS;
}
