package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;

/**
 * One decoded instruction within a {@link Block}. It knows where in its page it lies and no address,
 * so that it serves wherever the page is mapped.
 */
abstract class Op {
  /** Offset of the instruction in its page. */
  final int offset;

  Op(int offset) {
    this.offset = offset;
  }

  abstract void execute(Cpu cpu);
}
