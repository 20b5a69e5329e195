package dev.ringzero.cpu.integer;

import dev.ringzero.cpu.Cpu;

/** The meaning of an instruction with three sources: sets flags, returns the result. */
@FunctionalInterface
public interface Ternary {
  /**
   * Computes the result.
   *
   * @param width in bits
   * @param first first operand, zero-extended
   * @param second second operand, zero-extended
   * @param third third operand, zero-extended
   * @return the result; bits from {@code width} on have no meaning
   */
  long apply(Cpu cpu, int width, long first, long second, long third);
}
