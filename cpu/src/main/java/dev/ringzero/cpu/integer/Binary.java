package dev.ringzero.cpu.integer;

import dev.ringzero.cpu.Cpu;

/** The meaning of an instruction with two sources: sets flags, returns the result. */
@FunctionalInterface
public interface Binary {
  /**
   * Computes the result.
   *
   * @param width in bits
   * @param destination first operand, zero-extended
   * @param source second operand, zero-extended
   * @return the result; bits from {@code width} on have no meaning
   */
  long apply(Cpu cpu, int width, long destination, long source);
}
