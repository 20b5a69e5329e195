package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;

/** What comes after the straight line of a {@link Block}: its branch, or what leads to the next. */
abstract class BlockEnd {
  /** Offset of the last instruction in the page; where there is none, of the one to come. */
  final int offset;

  /** Whether the run loop must look at the processor's state before the next block. */
  final boolean leavesRun;

  BlockEnd(int offset, boolean leavesRun) {
    this.offset = offset;
    this.leavesRun = leavesRun;
  }

  /**
   * Executes the branch.
   *
   * @return the next block, if it is known; else null, and {@link Cpu#rip} tells
   */
  abstract Block execute(Cpu cpu);

  /** How many instructions this is: 1 or 0. */
  int instructions() {
    return 1;
  }
}
