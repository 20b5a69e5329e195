package dev.ringzero.cpu.translator;

import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand;

/**
 * Which status flags are still wanted before each instruction of a block, worked out from its end.
 * "Host" flags are read by an instruction of this or the next block while they are in the host's
 * RFLAGS; "exit" flags must only have reached the state block when translated code is left.
 */
final class FlagLiveness {
  /** All status flags. */
  static final int ALL = (int) Rflags.STATUS;

  private final int[] host = new int[GuestBlock.MAX_INSTRUCTIONS + 1];
  private final int[] exit = new int[GuestBlock.MAX_INSTRUCTIONS + 1];

  /** What is wanted after the last of {@code count} instructions. */
  void end(int count, int hostFlags, int exitFlags) {
    host[count] = hostFlags;
    exit[count] = exitFlags;
  }

  /**
   * Steps back over an instruction.
   *
   * @param sideHostFlags host flags wanted where a conditional jump goes, or 0
   * @param sideExitFlags exit flags wanted there, or 0
   */
  void before(int index, Instruction i, int sideHostFlags, int sideExitFlags) {
    int killed = killed(i);
    int keptForExit = exit[index + 1] & ~killed | sideExitFlags;
    int wanted = host[index + 1] & ~killed | read(i) | sideHostFlags;
    if (written(i.form) != 0) {
      wanted |= keptForExit; // a partial write needs the rest in the host's RFLAGS
    }
    host[index] = wanted;
    exit[index] = keptForExit;
  }

  /** Status flags that may not be after an instruction what they were before it. */
  static int written(InstructionForm form) {
    return (int) (form.flagsWritten | form.flagsUndefined) & ALL;
  }

  /** Status flags that an instruction overwrites, whatever its operands. */
  static int killed(Instruction i) {
    boolean maybe = isShift(i.form) && !shiftsForSure(i) || comparesMaybe(i);
    return maybe ? 0 : written(i.form);
  }

  /** Status flags on which the work of an instruction depends. */
  static int read(Instruction i) {
    if (!isShift(i.form)) {
      return (int) i.form.flagsRead & ALL;
    }
    // The table says that shifts read all flags, because by a count of zero they keep them.
    return throughCarry(i.form) ? (int) Rflags.CF : 0;
  }

  /** A repeated comparison of strings leaves flags alone where the count is zero. */
  private static boolean comparesMaybe(Instruction i) {
    return (i.rep || i.repne) && i.form.is(Attribute.STRING);
  }

  private static boolean isShift(InstructionForm form) {
    return switch (form.meaning) {
      case "SHL", "SAL", "SHR", "SAR", "ROL", "ROR", "RCL", "RCR", "SHLD", "SHRD" -> true;
      default -> false;
    };
  }

  private static boolean throughCarry(InstructionForm form) {
    return form.meaning.equals("RCL") || form.meaning.equals("RCR");
  }

  private static boolean shiftsForSure(Instruction i) {
    Operand count = i.form.operands[i.form.operands.length - 1];
    return switch (count.place()) {
      case IMMEDIATE -> (i.immediate & (i.width(i.operand(0)) == 64 ? 63 : 31)) != 0;
      default -> i.form.flagsRead == 0; // by one
    };
  }

  boolean hostFlagsBefore(int index) {
    return host[index] != 0;
  }

  boolean exitFlagsBefore(int index) {
    return exit[index] != 0;
  }
}
