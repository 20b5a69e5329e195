package dev.ringzero.cpu.integer;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.instruction.Instruction;

/**
 * CRC32 with the Castagnoli polynomial.
 *
 * @spec Intel SDM Vol. 2, "CRC32"
 */
final class Crc32 {
  /** The polynomial 11EDC6F41H, bit-reversed. */
  private static final int POLYNOMIAL = 0x82F6_3B78;

  private static final int[] TABLE = table();

  private Crc32() {}

  static void crc32(Cpu cpu, Instruction i) {
    int width = Operands.width(cpu, i, 1);
    long source = Operands.read(cpu, i, 1);
    Operands.write(cpu, i, 0, accumulate(width, Operands.read(cpu, i, 0), source));
  }

  /**
   * Adds a value to a checksum.
   *
   * @param width of {@code value}: 8 to 64 bits
   */
  static long accumulate(int width, long checksum, long value) {
    int crc = (int) checksum;
    for (int bit = 0; bit < width; bit += 8) {
      crc = TABLE[(crc ^ (int) (value >>> bit)) & 0xFF] ^ crc >>> 8;
    }
    return crc & 0xFFFF_FFFFL;
  }

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < 256; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc >>> 1 ^ POLYNOMIAL & -(crc & 1);
      }
      table[i] = crc;
    }
    return table;
  }
}
