package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.instruction.Instruction;

/** What comes after the straight line of a {@link Block}: its branch, or what leads to the next. */
abstract class BlockEnd extends DecodedInstruction {
  /** Whether the run loop must look at the processor's state before the next block. */
  final boolean leavesRun;

  BlockEnd(int offset, boolean leavesRun) {
    super(offset);
    this.leavesRun = leavesRun;
  }

  BlockEnd(int offset, Instruction instruction, long immediate) {
    super(offset, instruction, immediate);
    this.leavesRun = false;
  }

  /**
   * Executes the branch.
   *
   * @return the next block, if it is known; else null, and {@link Cpu#rip} tells
   */
  abstract Block execute(Cpu cpu);

  /**
   * Tells where it led, after {@link #execute} returned null.
   *
   * @param block the block that comes next
   * @param context the processor's {@link Context}
   * @param base RIP of the first byte of this block's page
   * @param rip address of {@code block}
   */
  void ledTo(Block block, long context, long base, long rip) {}

  /** How many instructions this is. */
  int instructions() {
    return 1;
  }
}
