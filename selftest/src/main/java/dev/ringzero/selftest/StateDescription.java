package dev.ringzero.selftest;

import dev.ringzero.testkit.silicon.NativeCpu;
import dev.ringzero.testkit.silicon.ProcessorState;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;

/** The parts of a state that matter to an instruction, in words. */
final class StateDescription {
  private StateDescription() {}

  static String of(Instruction i, ProcessorState s) {
    StringBuilder text = new StringBuilder("flags %x".formatted(s.flags));
    for (int r = 0; r < 16; r++) {
      text.append(" r%d=%x".formatted(r, s.gpr[r]));
    }
    if (i.form.is(Attribute.SSE | Attribute.AVX) || i.vectorLength != 0) {
      text.append("\n    mxcsr=%x".formatted(s.mxcsr));
      for (int n = 0; n < 16; n++) {
        text.append(
            " ymm%d=%016x_%016x_%016x_%016x"
                .formatted(
                    n,
                    s.vector[4 * n + 3],
                    s.vector[4 * n + 2],
                    s.vector[4 * n + 1],
                    s.vector[4 * n]));
      }
    }
    if (i.form.is(Attribute.X87 | Attribute.MMX) || Images.isImage(i.form)) {
      text.append(
          "\n    fcw=%x fsw=%x ftw=%02x".formatted(s.controlWord, s.statusWord, s.abridgedTag));
      for (int n = 0; n < 8; n++) {
        text.append(" st%d=%04x:%016x".formatted(n, s.signExponent[n], s.significand[n]));
      }
    }
    memory(i, s, text);
    return text.toString();
  }

  /** Memory around the operand, if there is one. */
  private static void memory(Instruction i, ProcessorState s, StringBuilder text) {
    if (!i.hasMemory()) {
      return;
    }
    long base = i.base < 16 ? s.gpr[i.base] : 0;
    long index = i.index < 16 ? s.gpr[i.index] << i.scale : 0;
    long address = base + index + i.displacement;
    if (i.base == Instruction.RIP) {
      address += s.rip + i.length;
    }
    if (i.addressSize == 32) {
      address &= 0xFFFF_FFFFL;
    }
    long offset = address - NativeCpu.DATA;
    text.append("\n    memory at %x:".formatted(address));
    for (long n = offset; n < offset + 32; n++) {
      if (n >= 0 && n < s.memory.length) {
        text.append(" %02x".formatted(s.memory[(int) n]));
      }
    }
  }
}
