package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Vector;

/** Bytes that are no instruction: #UD, or #GP(0) where they are too long for one. */
final class UndecodableEnd extends BlockEnd {
  private final boolean tooLong;

  UndecodableEnd(int offset, boolean tooLong) {
    super(offset, false);
    this.tooLong = tooLong;
  }

  @Override
  Block execute(Cpu cpu) {
    throw tooLong ? cpu.fault(Vector.GP, 0) : cpu.invalidOpcode();
  }
}
