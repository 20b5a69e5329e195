package dev.ringzero.cpu.interpreter;

import dev.ringzero.x86.instruction.Instruction;

/**
 * Where an instruction stands.
 *
 * @param page the page that it is in
 * @param offset in the page
 * @param instruction the instruction itself
 * @param branch the conditional branch right after it that is executed with it, or null
 */
record Site(CodePage page, int offset, Instruction instruction, Instruction branch) {
  /** Offset of the instruction that follows in memory. */
  int nextOffset() {
    return offset + instruction.length + (branch == null ? 0 : branch.length);
  }

  /** Offset in the page, or beyond it, of a direct branch's target. */
  long targetOffset() {
    return nextOffset() + (branch == null ? instruction : branch).immediate;
  }
}
