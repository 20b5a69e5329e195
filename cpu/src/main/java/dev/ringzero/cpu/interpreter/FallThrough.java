package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;

/** The end of a block that does not end with a branch. */
final class FallThrough extends BlockEnd {
  FallThrough(int offset) {
    super(offset, false);
  }

  @Override
  Block execute(Cpu cpu) {
    cpu.rip = cpu.codeAddress(offset);
    return null;
  }

  @Override
  int instructions() {
    return 0;
  }
}
