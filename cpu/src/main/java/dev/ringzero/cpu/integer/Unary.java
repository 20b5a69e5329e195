package dev.ringzero.cpu.integer;

import dev.ringzero.cpu.Cpu;

/** The meaning of an instruction with one source: sets flags, returns the result. */
@FunctionalInterface
public interface Unary {
  /**
   * Computes the result.
   *
   * @param width in bits
   * @param value zero-extended
   * @return the result; bits from {@code width} on have no meaning
   */
  long apply(Cpu cpu, int width, long value);
}
