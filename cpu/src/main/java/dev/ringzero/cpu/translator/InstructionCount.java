package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.NONE;
import static dev.ringzero.cpu.translator.Assembler.R13;

import java.util.Arrays;

/**
 * Emits what counts guest instructions and memory accesses in the state block. A stretch of a block
 * that runs through, up to a conditional jump, is counted at its start, without touching flags;
 * where it is left before its end, what did not run is taken back.
 */
final class InstructionCount {
  private static final int NOT_OPEN = -1;

  private final Assembler code;
  private final boolean enabled;

  /** Guest offsets of the block's instructions, and how many of a stretch are left from each on. */
  private final int[] offsets = new int[GuestBlock.MAX_INSTRUCTIONS];

  private final int[] left = new int[GuestBlock.MAX_INSTRUCTIONS];
  private int count;

  private int firstOfStretch;
  private int accesses;
  private int instructionsAt = NOT_OPEN;
  private int accessesAt;

  InstructionCount(Assembler code, boolean enabled) {
    this.code = code;
    this.enabled = enabled;
  }

  boolean enabled() {
    return enabled;
  }

  /** A block begins. */
  void begin() {
    count = 0;
    instructionsAt = NOT_OPEN;
  }

  /** The instruction at this offset is emitted next. */
  void instruction(int offset) {
    if (!enabled) {
      return;
    }
    if (instructionsAt == NOT_OPEN) {
      firstOfStretch = count;
      accesses = 0;
      instructionsAt = add(StateBlock.INSTRUCTIONS);
      accessesAt = add(StateBlock.ACCESSES);
    }
    offsets[count++] = offset;
  }

  /** Emits an addition to a counter; gives the place of the addend. */
  private int add(int counter) {
    code.load(R13, counter);
    code.lea(R13, R13, NONE, 0, Integer.MAX_VALUE);
    int addend = code.position() - 4;
    code.store(R13, counter);
    return addend;
  }

  /** A checked access was emitted. */
  void access() {
    accesses++;
  }

  /** The last instruction is not run by the block after all. */
  void takeBack() {
    if (enabled) {
      count--;
    }
  }

  /** The stretch ends behind the last instruction. */
  void end() {
    if (!enabled || instructionsAt == NOT_OPEN) {
      return;
    }
    code.dwordAt(instructionsAt, count - firstOfStretch);
    code.dwordAt(accessesAt, accesses);
    for (int k = firstOfStretch; k < count; k++) {
      left[k] = count - k;
    }
    instructionsAt = NOT_OPEN;
  }

  /** How many were counted but do not run if the instruction at this offset does not. */
  int uncounted(int offset) {
    int k = enabled ? Arrays.binarySearch(offsets, 0, count, offset) : NOT_OPEN;
    return k < 0 ? 0 : left[k];
  }

  /** Emits, where flags are dead, that the block is left before the instruction at this offset. */
  void leave(int offset) {
    int uncounted = uncounted(offset);
    if (uncounted != 0) {
      code.subtract64(uncounted, StateBlock.INSTRUCTIONS);
    }
  }
}
