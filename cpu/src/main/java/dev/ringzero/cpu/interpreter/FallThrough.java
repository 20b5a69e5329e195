package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;

/** The end of a block that does not end with a branch. */
final class FallThrough extends BranchEnd {
  FallThrough(CodePage page, int offset) {
    super(page, offset);
  }

  @Override
  Block execute(Cpu cpu) {
    return next(cpu);
  }

  @Override
  int instructions() {
    return 0;
  }
}
