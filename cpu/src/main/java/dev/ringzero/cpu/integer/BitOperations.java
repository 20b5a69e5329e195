package dev.ringzero.cpu.integer;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.x86.Rflags;

/**
 * Counting, finding, extracting and depositing bits.
 *
 * @spec Intel SDM Vol. 2, "BEXTR", "BLSI", "BLSMSK", "BLSR", "BSF", "BSR", "BZHI", "LZCNT", "PDEP",
 *     "PEXT", "POPCNT", "TZCNT"
 */
public final class BitOperations {
  private BitOperations() {}

  /** Index of the lowest set bit; {@code source} is not zero. */
  static long bsf(Cpu cpu, int width, long source) {
    return Long.numberOfTrailingZeros(source);
  }

  /** Index of the highest set bit; {@code source} is not zero. */
  static long bsr(Cpu cpu, int width, long source) {
    return 63 - Long.numberOfLeadingZeros(source);
  }

  static long popcnt(Cpu cpu, int width, long source) {
    Flags.status(cpu, source == 0 ? Rflags.ZF : 0);
    return Long.bitCount(source);
  }

  static long tzcnt(Cpu cpu, int width, long source) {
    return counted(cpu, width, Math.min(Long.numberOfTrailingZeros(source), width));
  }

  static long lzcnt(Cpu cpu, int width, long source) {
    return counted(cpu, width, Long.numberOfLeadingZeros(source) - (64 - width));
  }

  private static long counted(Cpu cpu, int width, long count) {
    Flags.shifted(cpu, width, count, count == width ? 1 : 0, 0);
    return count;
  }

  static long blsi(Cpu cpu, int width, long source) {
    return lowest(cpu, width, source & -source, source != 0);
  }

  static long blsmsk(Cpu cpu, int width, long source) {
    return lowest(cpu, width, source ^ source - 1, source == 0);
  }

  static long blsr(Cpu cpu, int width, long source) {
    return lowest(cpu, width, source & source - 1, source == 0);
  }

  private static long lowest(Cpu cpu, int width, long result, boolean carry) {
    Flags.shifted(cpu, width, result, carry ? 1 : 0, 0);
    return result;
  }

  static long bextr(Cpu cpu, int width, long source, long control) {
    int start = (int) control & 0xFF;
    int length = (int) (control >>> 8) & 0xFF;
    long shifted = start < width ? source >>> start : 0;
    long result = length < width ? shifted & (1L << length) - 1 : shifted;
    Flags.status(cpu, result == 0 ? Rflags.ZF : 0);
    return result;
  }

  static long bzhi(Cpu cpu, int width, long source, long index) {
    int from = (int) index & 0xFF;
    long result = from < width ? source & (1L << from) - 1 : source;
    Flags.shifted(cpu, width, result, from < width ? 0 : 1, 0);
    return result;
  }

  static long pdep(Cpu cpu, int width, long source, long mask) {
    return Long.expand(source, mask);
  }

  static long pext(Cpu cpu, int width, long source, long mask) {
    return Long.compress(source, mask);
  }

  /** BT: CF is the bit; returns the operand as it was. */
  static long bt(Cpu cpu, int width, long value, long bit) {
    Flags.carry(cpu, (value >>> (bit & width - 1) & 1) != 0);
    return value;
  }

  static long bts(Cpu cpu, int width, long value, long bit) {
    return bt(cpu, width, value, bit) | 1L << (bit & width - 1);
  }

  static long btr(Cpu cpu, int width, long value, long bit) {
    return bt(cpu, width, value, bit) & ~(1L << (bit & width - 1));
  }

  static long btc(Cpu cpu, int width, long value, long bit) {
    return bt(cpu, width, value, bit) ^ 1L << (bit & width - 1);
  }

  static long bswap(Cpu cpu, int width, long value) {
    // The manual leaves 16 bits undefined; processors give zero.
    return switch (width) {
      case 64 -> Long.reverseBytes(value);
      case 32 -> Long.reverseBytes(value) >>> 32;
      default -> 0;
    };
  }

  /** MOVBE's reversal, which has a 16-bit form. */
  static long reverseBytes(Cpu cpu, int width, long value) {
    return Long.reverseBytes(value) >>> 64 - width;
  }
}
