package dev.ringzero.cpu.integer;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;

/**
 * Bitwise operations.
 *
 * @spec Intel SDM Vol. 2, "AND", "ANDN", "NOT", "OR", "TEST", "XOR"
 */
public final class Logic {
  private Logic() {}

  public static long and(Cpu cpu, int width, long destination, long source) {
    long result = destination & source;
    Flags.logical(cpu, width, result);
    return result;
  }

  public static long or(Cpu cpu, int width, long destination, long source) {
    long result = destination | source;
    Flags.logical(cpu, width, result);
    return result;
  }

  public static long xor(Cpu cpu, int width, long destination, long source) {
    long result = destination ^ source;
    Flags.logical(cpu, width, result);
    return result;
  }

  public static long andn(Cpu cpu, int width, long inverted, long source) {
    return and(cpu, width, ~inverted, source);
  }

  public static long not(Cpu cpu, int width, long value) {
    return ~value;
  }
}
