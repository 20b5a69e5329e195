package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;

/** NOP. */
final class NoOp extends Op {
  NoOp(Site site) {
    super(site.offset());
  }

  @Override
  void execute(Cpu cpu) {}
}
